#include "clients/cpp/src/zmq_calls.hpp"

#include "actors/registry/RegistryClient.hpp"
#include "actors/registry/RegistryEvents.hpp"
#include "tests/unit/clients_cpp/fake_registry.hpp"

#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

using namespace actors::registry;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

namespace {

/// Threads that are begun meanwhile get no SIGALRM: signals are for the one that makes the calls.
class AlarmsBlocked {
public:
  AlarmsBlocked() {
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm, &before_);
  }
  ~AlarmsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AlarmsBlocked(const AlarmsBlocked&) = delete;
  AlarmsBlocked& operator=(const AlarmsBlocked&) = delete;

private:
  sigset_t before_{};
};

/// A signal every 50 µs, as from a profiler, which has no call begun again.
class Alarms {
public:
  Alarms() {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    sigaction(SIGALRM, &action, &before_);
    set(50);
  }
  ~Alarms() {
    set(0);
    sigaction(SIGALRM, &before_, nullptr);
  }
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

private:
  static void set(suseconds_t every) {
    const itimerval timer = {{0, every}, {0, every}};
    setitimer(ITIMER_REAL, &timer, nullptr);
  }
  struct sigaction before_ {};
};

/// Descriptors that run out. What is opened between its beginning and then lies above the limit, so that
/// closing it makes no room.
class Descriptors {
public:
  Descriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    do
      own_.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    while (own_.back() < lowest);
  }
  ~Descriptors() {
    setrlimit(RLIMIT_NOFILE, &before_);
    for (const int one : own_)
      close(one);
  }
  Descriptors(const Descriptors&) = delete;
  Descriptors& operator=(const Descriptors&) = delete;

  /// From here on there are none.
  void run_out() {
    rlimit limit = before_;
    limit.rlim_cur = lowest;
    setrlimit(RLIMIT_NOFILE, &limit);
  }

private:
  static constexpr int lowest = 64;
  rlimit before_{};
  std::vector<int> own_;
};

} // namespace

TEST_CASE("signals disturb neither calls nor messages") {
  std::optional<FakeRegistry> fake;
  std::optional<RegistryClient> client;
  std::optional<ZmqReceiver> receiver;
  const ZmqSender sender;
  {
    const AlarmsBlocked blocked;
    fake.emplace([](const nlohmann::json& request) {
      return std::vector<std::string>{nlohmann::json{
          {"message_type", "LookupResult"},
          {"request_id", request["request_id"]},
          {"actor_name", "A"},
          {"endpoint", "tcp://h:1"},
          {"online", true}}.dump()};
    });
    client.emplace("M", fake->endpoint());
    receiver.emplace("tcp://127.0.0.1:*");
    sender.send(receiver->endpoint(), "no envelope");
  }
  const std::string envelope = R"({"receiver":"A","message_type":"T","message":{}})";
  const Alarms alarms;
  int received = 0;
  const auto until = Clock::now() + milliseconds(1500);
  while (Clock::now() < until) {
    REQUIRE(client->lookup("A") == "tcp://h:1");
    REQUIRE_NOTHROW(sender.send(receiver->endpoint(), envelope));
    REQUIRE_NOTHROW(received += receiver->receive(milliseconds(1)) ? 1 : 0);
  }
  CHECK(received > 0);
  for (int i = 0; i < 20; ++i) { // connecting and watching the connection
    RegistryQuery query({fake->endpoint()});
    REQUIRE(query.lookup("A") == "tcp://h:1");
    REQUIRE_NOTHROW(ZmqReceiver("tcp://127.0.0.1:*"));
  }
}

TEST_CASE("without descriptors calls fail as they do otherwise, and the end of a client is quiet") {
  const std::string nobody = "ipc:///nowhere/registry";
  Descriptors descriptors;
  std::optional<RegistryClient> client(std::in_place, "M", nobody, milliseconds(200));
  std::optional<RegistryClient> heard(std::in_place, "N", nobody, milliseconds(200));
  heard->on_notice([](const Notice&) {});
  heard->start_heartbeat();
  std::optional<RegistryQuery> query(std::in_place, std::vector{nobody}, milliseconds(200));
  const ZmqSender sender;
  descriptors.run_out();
  CHECK_THROWS_AS(client->lookup("A"), RegistryError);
  CHECK_THROWS_AS(client->register_actor("A", "tcp://h:1"), RegistryError);
  CHECK_THROWS_AS(client->start_heartbeat(), RegistryError);
  CHECK_THROWS_AS(query->lookup("A"), RegistryError);
  CHECK_THROWS_AS(RegistryClient("M", nobody), RegistryError);
  CHECK_THROWS_AS(RegistryQuery({nobody}), RegistryError);
  CHECK_THROWS_AS(RegistryEvents({nobody}), RegistryError);
  CHECK_THROWS_AS(sender.send(nobody, "text"), RegistryError);
  CHECK_THROWS_AS(ZmqSender(), RegistryError);
  CHECK_THROWS_AS(ZmqReceiver("tcp://127.0.0.1:*"), RegistryError);
  CHECK_FALSE(client->goodbye());
  client.reset();
  heard.reset();
}

TEST_CASE("what libzmq reports is a RegistryError that says what was done") {
  auto context = new_context();
  auto socket = new_socket(context, zmq::socket_type::push);
  CHECK_THROWS_WITH_AS(connect_socket(socket, "nonsense", "registry "),
                       "registry nonsense: can't connect: Invalid argument", RegistryError);
  CHECK_THROWS_WITH_AS(bind_socket(socket, "nonsense"), "can't listen at nonsense: Invalid argument",
                       RegistryError);
  zmq::message_t frame;
  CHECK_THROWS_AS(receive_now(socket, frame), RegistryError); // a PUSH socket sends only
  CHECK_FALSE(send_now(socket, "nobody is there"));
}
