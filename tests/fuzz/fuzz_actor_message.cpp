// Any bytes as a message from another actor: the reader never crashes, agrees with another parser on what an
// envelope holds, and every answer is an envelope again.

#include "registry_core/protocol/actor_message.hpp"
#include "registry_core/protocol/encode.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;
using Kind = protocol::ActorMessageReader::Kind;

void expect(bool condition) {
  if (!condition) std::abort();
}

/// A field of an envelope as the reader gives it: empty where it is no string.
std::string text_of(const json& envelope, const char* field) {
  const auto value = envelope.find(field);
  return value != envelope.end() && value->is_string() ? value->get<std::string>() : std::string();
}

void check_answer(const std::string& text, const std::string& receiver) {
  const json answer = json::parse(text);
  expect(answer.size() == 5 && answer.at("receiver") == receiver && answer.at("message").is_object());
  expect(answer.at("sender_actor") == "GlobalRegistry" && answer.at("message_type").is_string());
}

/// What the reader took out of the middle of the bytes is what stands there as `message`.
void check_request(protocol::ActorMessageReader& reader, const json& envelope) {
  expect(envelope.at("receiver") == "GlobalRegistry" && envelope.at("message").is_object());
  const std::string message = envelope.at("message").dump();
  static protocol::Decoder decoder;
  const auto& alone = decoder.decode(message, reader.message_type());
  const auto* const refusal = std::get_if<protocol::Refusal>(&reader.request());
  // The other parser makes 0 of a number that is too small for a double.
  const bool too_small = refusal && refusal->error.starts_with("seconds: ");
  expect(too_small || alone.index() == reader.request().index());
  expect(decoder.request_id().kind == reader.request_id().kind);
  if (!refusal) return;
  std::string reply;
  protocol::encode(protocol::reply_to(*refusal), reader.request_id(), reply);
  const std::string asker(reader.sender_actor());
  check_answer(protocol::encode_actor_reply(asker, "tcp://h:1", "Error", reply), asker);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  static protocol::ActorMessageReader reader;
  const Kind kind = reader.read(body);
  if (kind == Kind::plain) {
    static protocol::Decoder decoder;
    expect(decoder.decode(body).index() == reader.request().index());
    return 0;
  }
  const json envelope = json::parse(body, nullptr, false);
  // It refuses numbers that are too large for a double, which are JSON all the same.
  if (envelope.is_discarded()) return 0;
  expect(envelope.is_object() && (envelope.contains("receiver") || envelope.contains("message")));
  const std::string asker = text_of(envelope, "sender_actor");
  expect(reader.sender_actor() == asker);
  expect(reader.sender_endpoint() == text_of(envelope, "sender_endpoint"));
  expect(reader.message_type() == text_of(envelope, "message_type"));
  if (kind == Kind::rejected) {
    expect(!reader.why().empty());
    check_answer(protocol::encode_reject(asker, "tcp://h:1", reader.message_type(), reader.why()), asker);
  } else {
    check_request(reader, envelope);
  }
  return 0;
}
