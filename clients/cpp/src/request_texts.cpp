#include "clients/cpp/src/request_texts.hpp"

#include "actors/registry/errors.hpp"
#include "registry_core/protocol/json_writer.hpp"
#include "registry_core/protocol/plain_text.hpp"
#include "registry_core/protocol/utf8.hpp"

namespace actors::registry {

namespace {

bool is_utf8(std::string_view text) {
  const char* const end = text.data() + text.size();
  const char* at = text.data() + protocol::plain_prefix(text.data(), end);
  while (at != end) {
    const bool control = static_cast<unsigned char>(*at) < 0x20; // which JSON writes as an escape
    const std::size_t length = control ? 1 : protocol::utf8_length(at, end);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

} // namespace

void append_text(std::string& out, std::string_view text) {
  if (!is_utf8(text)) throw RegistryError("a name or an endpoint is no UTF-8");
  protocol::append_string(out, text);
}

std::string address_text(std::string_view actor_name, std::string_view actor_endpoint) {
  std::string text = R"({"actor_name":)";
  append_text(text, actor_name);
  text.append(R"(,"actor_endpoint":)");
  append_text(text, actor_endpoint);
  text.push_back('}');
  return text;
}

std::string lookup_text(std::string_view actor_name) {
  std::string text = R"({"message_type":"LookupActor","actor_name":)";
  append_text(text, actor_name);
  text.push_back('}');
  return text;
}

} // namespace actors::registry
