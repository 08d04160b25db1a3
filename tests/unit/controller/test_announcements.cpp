#include "controller/announcements.hpp"

#include "tests/unit/controller/recording_registry.hpp"

#include <doctest/doctest.h>

#include <thread>

namespace controller {
namespace {

using namespace std::chrono_literals;
using test::RecordingRegistry;
using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("what is announced is known when tell returns, in order and with its reason") {
  RecordingRegistry registry;
  Announcements announcements({registry.endpoints()}, "a test");
  announcements.tell({{"M", 100s}, {"N", 50s}});
  CHECK(registry.told() == Texts{"M 100 a test", "N 50 a test"});
  announcements.tell({{"M", 0s}});
  CHECK(registry.told().back() == "M 0");
  announcements.tell({});
  CHECK(registry.told().size() == 3);
}

TEST_CASE("a registry that is away delays nobody for long, however much there is to tell") {
  FakeRegistry away([](const nlohmann::json&) { return std::vector<std::string>{}; });
  const auto begin = Clock::now();
  {
    Announcements announcements({{away.endpoint()}}, "a test");
    for (int i = 0; i < 100; ++i)
      announcements.tell({{"M" + std::to_string(i), 100s}});
    CHECK_FALSE(announcements.problem().empty());
  }
  CHECK(Clock::now() - begin < 5s); // a hundred waits would be 25
}

TEST_CASE("a registry that is back in time is told what it missed") {
  std::atomic<bool> back = false;
  std::atomic<int> told = 0;
  FakeRegistry fake([&](const nlohmann::json& request) -> std::vector<std::string> {
    if (!back) return {};
    if (request["message_type"] == "ExpectOffline") ++told;
    return {
        nlohmann::json{{"message_type", "Expected"}, {"request_id", request["request_id"]}, {"seconds", 1}}
            .dump()};
  });
  Announcements announcements({{fake.endpoint()}}, "a test");
  announcements.tell({{"M", 100s}, {"N", 100s}});
  CHECK(told == 0);
  back = true;
  const auto deadline = Clock::now() + 10s;
  while (told < 2 && Clock::now() < deadline)
    std::this_thread::sleep_for(10ms);
  CHECK(told == 2);
}

TEST_CASE("a registry that refuses is not asked again, and why is kept") {
  RecordingRegistry registry;
  registry.refuses();
  Announcements announcements({registry.endpoints()}, "a test");
  announcements.tell({{"M", 100s}, {"N", 100s}});
  CHECK(announcements.problem() == "registry " + registry.endpoints().front() + ": what is that?");
}

TEST_CASE("an endpoint that can't be one is a problem and no more") {
  Announcements announcements({{"nonsense"}}, "a test");
  announcements.tell({{"M", 100s}});
  CHECK_FALSE(announcements.problem().empty());
}

} // namespace controller
