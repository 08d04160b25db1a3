// Any bytes as a request: the decoder never crashes, its two ways of reading agree with one another and with
// a strict parser on what is JSON, and whatever the registry answers is JSON again.

#include "registry_core/protocol/decode.hpp"
#include "registry_core/protocol/encode.hpp"
#include "registry_core/protocol/flat_object.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;

/// nlohmann's parser with its liberties taken away: it skips a byte order mark, takes NUL for the end, lets
/// keys repeat, and refuses numbers that are too large for a double, which are JSON all the same.
class StrictSax : public nlohmann::json_sax<json> {
public:
  bool too_large_number = false;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(json::binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return true;
  }
  bool key(std::string& key) override { return keys_.back().insert(key).second; }
  bool end_object() override {
    keys_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const json::exception& error) override {
    too_large_number = error.id == 406;
    return false;
  }

private:
  std::vector<std::set<std::string>> keys_;
};

bool reads_as_json(std::string_view text) {
  protocol::JsonReader reader;
  reader.start(text);
  auto event = reader.next();
  while (event != protocol::JsonReader::Event::end && event != protocol::JsonReader::Event::fault)
    event = reader.next();
  return event == protocol::JsonReader::Event::end;
}

void expect(bool condition) {
  if (!condition) std::abort();
}

/// What is read in a single pass is what the reader of any document finds, except that one's judgement of
/// keys that stand there twice.
void compare_flat(std::string_view text) {
  using Event = protocol::JsonReader::Event;
  std::vector<std::string_view> found;
  const bool whole =
      protocol::FlatObject::read(text, [&](std::string_view key, std::string_view value, bool is_string) {
        found.insert(found.end(), {key, is_string ? "string" : "integer", value});
        return true;
      });
  if (!whole) return;
  protocol::JsonReader reader;
  reader.start(text);
  expect(reader.next() == Event::begin_object);
  std::size_t at = 0;
  for (Event event = reader.next(); event != Event::end_object; event = reader.next()) {
    if (event == Event::fault) return expect(reader.fault() == "a key stands twice in one object");
    if (event != Event::key) expect(found.at(at++) == (event == Event::string ? "string" : "integer"));
    expect(found.at(at++) == reader.text());
  }
  expect(reader.next() == Event::end && at == found.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const bool liberty = text.find('\0') != std::string_view::npos || text.starts_with("\xEF\xBB\xBF");
  StrictSax strict;
  const bool is_json = !liberty && json::sax_parse(text, &strict);
  const bool ours = reads_as_json(text);
  // Behind a number that it finds too large the other one does not look.
  expect(strict.too_large_number || ours == is_json);

  compare_flat(text);
  static protocol::Decoder decoder;
  const protocol::Request& request = decoder.decode(text);
  const auto* refusal = std::get_if<protocol::Refusal>(&request);
  if (!ours) expect(refusal && refusal->code == protocol::ErrorCode::bad_json);
  if (!refusal) return 0;
  std::string reply;
  protocol::encode(protocol::reply_to(*refusal), decoder.request_id(), reply);
  const json answer = json::parse(reply);
  expect(answer.at("code") == std::string(protocol::name_of(refusal->code)));
  return 0;
}
