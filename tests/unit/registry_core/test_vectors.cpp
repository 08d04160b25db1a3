// The vectors of docs/protocol/vectors/, whose README states their form, against decoder, registry and
// encoder.

#include "registry_core/protocol/decode.hpp"
#include "registry_core/protocol/encode.hpp"
#include "registry_core/reachable_endpoint.hpp"
#include "registry_core/registry.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>

using nlohmann::json;
using namespace registry_core;

namespace {

/// Whether a value is what was expected, where `{"$any": TYPE}` expects a type alone.
bool matches(const json& expected, const json& actual) {
  if (expected.is_object() && expected.contains("$any")) {
    return expected["$any"] == "string" ? actual.is_string() : actual.is_number();
  }
  if (expected.type() != actual.type() && !(expected.is_number() && actual.is_number())) return false;
  if (!expected.is_structured()) return expected == actual;
  if (expected.size() != actual.size()) return false;
  for (const auto& [key, value] : expected.items()) {
    const auto pointer = json::json_pointer() / key;
    if (!actual.contains(pointer) || !matches(value, actual[pointer])) return false;
  }
  return true;
}

RegistryOptions options_of(const json& registry) {
  RegistryOptions options;
  options.epoch = registry.at("epoch");
  options.run = registry.at("run");
  options.takeover = registry.value("takeover", "offline") == "never" ? Takeover::never : Takeover::offline;
  options.connect_host = host_of(registry.value("registry_connect", ""));
  return options;
}

void run(const json& conversation) {
  Registry registry(options_of(conversation.at("registry")));
  protocol::Decoder decoder;
  std::string reply;
  Now now;
  int step_number = 0;
  for (const json& step : conversation.at("steps")) {
    ++step_number;
    const auto passed =
        static_cast<Nanos>(std::llround(step.value("after_s", 0.0) * 1000)) * (nanos_per_second / 1000);
    now.liveness += passed;
    now.monotonic += passed;
    const std::string peer = step.value("peer", "10.0.0.9");
    const std::string body =
        step.contains("request") ? step["request"].dump() : step.at("request_text").get<std::string>();
    const auto& request = decoder.decode(body);
    protocol::encode(registry.handle(request, {peer, now}), decoder.request_id(), reply);
    INFO("step ", step_number, ": ", body, "\nreply:    ", reply, "\nexpected: ", step.at("reply").dump());
    CHECK(matches(step["reply"], json::parse(reply)));
  }
}

} // namespace

TEST_CASE("every conversation of the vectors goes as written") {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(VECTORS_DIR)) {
    if (entry.path().extension() != ".json") continue;
    ++files;
    CAPTURE(entry.path().filename().string());
    run(json::parse(std::ifstream(entry.path())));
  }
  CHECK(files >= 13);
}
