#include "clients/cpp/src/registration_results.hpp"

#include "registry_core/protocol/field_text.hpp"
#include "registry_core/protocol/json_reader.hpp"

namespace actors::registry {

namespace {

using Event = protocol::JsonReader::Event;

/// Nothing of a reply that may be 64 KiB is made a tree of.
class ResultsReader {
public:
  explicit ResultsReader(std::span<const ActorAddress> asked) : asked_(asked) {
    read_.results.reserve(asked.size());
  }

  RegistrationResults read(std::string_view reply) {
    reader_.start(reply);
    Event event = reader_.next();
    for (; event != Event::end && event != Event::fault; event = reader_.next())
      take(event);
    expect(event == Event::end, "it is no JSON");
    expect(has_results_, "results");
    expect_as_many(read_.results.size() == asked_.size());
    return std::move(read_);
  }

private:
  enum Depth : std::uint8_t { of_reply = 1, of_results = 2, of_result = 3 };

  static void expect(bool right, const char* what) {
    if (!right) throw RegistryError(std::string("the registry sent a malformed reply: ") + what);
  }
  static void expect_as_many(bool right) {
    if (!right) throw RegistryError("the registry answered for other names than were registered");
  }

  void take(Event event) {
    const std::size_t depth = reader_.depth();
    const bool in_results = top_ == "results";
    if (event == Event::key) {
      if (depth == of_reply) top_ = reader_.text();
      if (depth == of_result) member_ = reader_.text();
    } else if (in_results && depth == of_results) {
      take_around_result(event);
    } else if (in_results && depth == of_result) {
      event == Event::begin_object ? begin_result() : take_member(event);
    } else if (depth == of_reply) {
      take_top(event);
    }
  }

  void take_top(Event event) {
    if (top_ == "epoch") {
      expect(event == Event::string, "epoch");
      read_.epoch = reader_.text();
    } else if (top_ == "actors") {
      expect(event == Event::integer && protocol::parse_number(reader_.text(), read_.actors), "actors");
    }
  }

  /// The array itself, and the ends of its elements.
  void take_around_result(Event event) {
    if (event == Event::begin_array) {
      has_results_ = true;
    } else {
      expect(event == Event::end_object && has_results_, "results");
      end_result();
    }
  }

  void begin_result() {
    expect(has_results_, "results");
    const std::size_t place = read_.results.size();
    expect_as_many(place < asked_.size());
    read_.results.emplace_back().actor_name = asked_[place].actor_name;
    has_ok_ = false;
  }

  void take_member(Event event) {
    expect(has_results_ && event != Event::begin_array, "results");
    RegistrationResult& result = read_.results.back();
    if (member_ == "ok") {
      expect(event == Event::boolean, "ok");
      has_ok_ = true;
      result.ok = reader_.boolean();
    } else if (member_ == "local_only") {
      result.stored.local_only = event == Event::boolean && reader_.boolean();
    } else if (std::string* const text = text_of(result)) {
      expect(event == Event::string, "a text of a result");
      *text = reader_.text();
    }
  }

  std::string* text_of(RegistrationResult& result) {
    if (member_ == "actor_endpoint") return &result.stored.endpoint;
    if (member_ == "reason") return &result.reason;
    if (member_ == "code") return &result.code;
    return nullptr;
  }

  void end_result() {
    expect(has_ok_, "ok");
    RegistrationResult& result = read_.results.back();
    if (!result.ok) {
      result.stored = {};
      if (result.reason.empty()) result.reason = "refused";
    } else if (result.stored.endpoint.empty()) {
      result.stored.endpoint = asked_[read_.results.size() - 1].actor_endpoint;
    }
  }

  std::span<const ActorAddress> asked_;
  protocol::JsonReader reader_;
  RegistrationResults read_;
  std::string_view top_, member_;
  bool has_results_ = false;
  bool has_ok_ = false;
};

} // namespace

RegistrationResults read_registration_results(std::string_view reply, std::span<const ActorAddress> asked) {
  return ResultsReader(asked).read(reply);
}

} // namespace actors::registry
