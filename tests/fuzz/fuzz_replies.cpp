// Any bytes as a registry's reply to a client: its readers never crash, say that it is wrong or read what
// another parser reads in it.

#include "clients/cpp/src/registration_results.hpp"
#include "clients/cpp/src/reply_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace {

using namespace actors::registry;
using nlohmann::json;

void expect(bool condition) {
  if (!condition) std::abort();
}

void check_lookup(const ReplyText& reply, const json& object) {
  try {
    const auto [endpoint, online] = reply.lookup_result();
    expect(object.at("online") == online);
    expect(endpoint ? object.at("endpoint") == *endpoint : object.value("endpoint", json()).is_null());
  } catch (const RegistryError&) {
    const bool sound = object.contains("online") && object["online"].is_boolean() &&
                       (object.value("endpoint", json()).is_null() || object["endpoint"].is_string());
    expect(!sound);
  }
}

void check_results(const ReplyText& reply, const json& object) {
  const bool has_results = object.contains("results") && object["results"].is_array();
  const std::vector<ActorAddress> asked(has_results ? object["results"].size() : 1, {"A", "tcp://h:1"});
  try {
    const auto read = read_registration_results(reply.text(), asked);
    expect(has_results && read.results.size() == asked.size());
    expect(read.epoch == object.value("epoch", ""));
    for (std::size_t i = 0; i < asked.size(); ++i)
      expect(object["results"][i].at("ok") == read.results[i].ok);
  } catch (const RegistryError&) { // and nothing else
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ReplyText reply;
  const bool is_object = reply.read(std::string(reinterpret_cast<const char*>(data), size));
  (void)reply.answers(7);
  if (!is_object) return 0;
  const json object = json::parse(reply.text(), nullptr, false);
  // It refuses numbers that are too large for a double, which are JSON all the same.
  if (object.is_discarded()) return 0;
  expect(object.is_object());
  expect(reply.is("Error") == (object.value("message_type", json()) == "Error"));
  check_lookup(reply, object);
  check_results(reply, object);
  return 0;
}
