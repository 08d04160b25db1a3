#include "registry_core/store/record.hpp"

#include <bit>

// A record is a byte for the kind of change (1 + its index in Change) and its fields in order. A text is its
// length and its bytes, a flag or presence one byte, a number a varint: seven bits a byte, the lowest first,
// the eighth saying that more follow. A double is its eight bytes, the lowest first. An optional value is a
// presence byte and, where that is 1, the value.
namespace registry_core {

namespace {

class Writer {
public:
  explicit Writer(std::string& bytes) : bytes_(bytes) {}

  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7)
      bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }
  void text(const std::string& value) {
    number(value.size());
    bytes_.append(value);
  }
  void flag(bool value) { bytes_.push_back(value ? 1 : 0); }
  void real(double value) {
    auto bits = std::bit_cast<std::uint64_t>(value);
    for (int i = 0; i < 8; ++i, bits >>= 8)
      bytes_.push_back(static_cast<char>(bits & 0xFF));
  }
  template<typename Value, typename Write>
  void optional(const std::optional<Value>& value, Write write) {
    flag(value.has_value());
    if (value) write(*value);
  }
  void optional_text(const std::optional<std::string>& value) {
    optional(value, [this](const std::string& one) { text(one); });
  }

private:
  std::string& bytes_;
};

class Reader {
public:
  explicit Reader(std::string_view& rest) : rest_(rest) {}

  std::uint8_t byte() {
    if (rest_.empty()) throw RecordError("a record ends too early");
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t part = byte();
      value |= static_cast<std::uint64_t>(part & 0x7F) << shift;
      if ((part & 0x80) == 0) return value;
    }
    throw RecordError("a number in a record is too long");
  }
  std::string text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) throw RecordError("a text in a record is longer than the record");
    std::string value(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return value;
  }
  bool flag() {
    const std::uint8_t value = byte();
    if (value > 1) throw RecordError("a flag in a record is neither 0 nor 1");
    return value == 1;
  }
  double real() {
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i)
      bits |= static_cast<std::uint64_t>(byte()) << (8 * i);
    return std::bit_cast<double>(bits);
  }
  std::optional<std::string> optional_text() { return flag() ? std::optional(text()) : std::nullopt; }

private:
  std::string_view& rest_;
};

// --- each kind of change, to and fro

void write(Writer& out, const StoredProcess& process) {
  out.optional_text(process.host);
  out.optional_text(process.unit);
  out.optional_text(process.invocation_id);
  out.optional_text(process.language);
  out.optional_text(process.version);
  out.optional(process.pid, [&](std::int64_t pid) { out.number(static_cast<std::uint64_t>(pid)); });
}

void read(Reader& in, StoredProcess& process) {
  process.host = in.optional_text();
  process.unit = in.optional_text();
  process.invocation_id = in.optional_text();
  process.language = in.optional_text();
  process.version = in.optional_text();
  if (in.flag()) process.pid = static_cast<std::int64_t>(in.number());
}

void write(Writer& out, const StoredExpectation& expectation) {
  out.real(expectation.seconds);
  out.optional_text(expectation.reason);
}

void read(Reader& in, StoredExpectation& expectation) {
  expectation.seconds = in.real();
  if (!(expectation.seconds >= 0 && expectation.seconds < 1e9))
    throw RecordError("a time in a record is wrong");
  expectation.reason = in.optional_text();
}

void write(Writer& out, const ManagerStored& change) {
  out.text(change.manager_id);
  out.optional_text(change.instance);
  out.number(change.superseded.size());
  for (const std::string& instance : change.superseded)
    out.text(instance);
  out.optional(change.process, [&](const StoredProcess& process) { write(out, process); });
  out.text(change.address);
  out.flag(change.online);
  out.optional(change.expected, [&](const StoredExpectation& expected) { write(out, expected); });
}

void read(Reader& in, ManagerStored& change) {
  change.manager_id = in.text();
  change.instance = in.optional_text();
  for (std::uint64_t left = in.number(); left != 0; --left)
    change.superseded.push_back(in.text());
  if (in.flag()) read(in, change.process.emplace());
  change.address = in.text();
  change.online = in.flag();
  if (in.flag()) read(in, change.expected.emplace());
}

void write(Writer& out, const ManagerForgotten& change) {
  out.text(change.manager_id);
}
void read(Reader& in, ManagerForgotten& change) {
  change.manager_id = in.text();
}

void write(Writer& out, const NameStored& change) {
  out.text(change.actor_name);
  out.text(change.endpoint);
  out.text(change.manager_id);
  out.optional_text(change.instance);
}
void read(Reader& in, NameStored& change) {
  change.actor_name = in.text();
  change.endpoint = in.text();
  change.manager_id = in.text();
  change.instance = in.optional_text();
}

void write(Writer& out, const NameRemoved& change) {
  out.text(change.actor_name);
  out.flag(change.forgotten);
}
void read(Reader& in, NameRemoved& change) {
  change.actor_name = in.text();
  change.forgotten = in.flag();
}

void write(Writer& out, const LossStored& change) {
  out.text(change.manager_id);
  out.text(change.actor_name);
}
void read(Reader& in, LossStored& change) {
  change.manager_id = in.text();
  change.actor_name = in.text();
}

void write(Writer& out, const LossSettled& change) {
  out.text(change.manager_id);
  out.text(change.actor_name);
}
void read(Reader& in, LossSettled& change) {
  change.manager_id = in.text();
  change.actor_name = in.text();
}

template<typename Kind>
Change read_change(Reader& in) {
  Kind change;
  read(in, change);
  return change;
}

} // namespace

void append_record(std::string& bytes, const Change& change) {
  bytes.push_back(static_cast<char>(change.index() + 1));
  Writer out(bytes);
  std::visit([&out](const auto& one) { write(out, one); }, change);
}

std::optional<Change> RecordReader::next() {
  if (rest_.empty()) return std::nullopt;
  Reader in(rest_);
  switch (const std::uint8_t kind = in.byte()) {
  case 1: return read_change<ManagerStored>(in);
  case 2: return read_change<ManagerForgotten>(in);
  case 3: return read_change<NameStored>(in);
  case 4: return read_change<NameRemoved>(in);
  case 5: return read_change<LossStored>(in);
  case 6: return read_change<LossSettled>(in);
  default: throw RecordError("a record of an unknown kind: " + std::to_string(kind));
  }
}

} // namespace registry_core
