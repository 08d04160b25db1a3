// The smallest useful manager: what a unit on a host runs to try the registry out. It uses the client library
// alone.

#include "actors/registry/RegistryClient.hpp"
#include "examples/sample_manager/actor_sockets.hpp"
#include "examples/sample_manager/options.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace {

using namespace sample_manager;
using actors::registry::RegistryClient;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds call_timeout(1000);
constexpr milliseconds pause_between_tries(1000);
constexpr milliseconds longest_wait(60'000);

void say(const std::string& line) {
  std::fprintf(stderr, "sample_manager: %s\n", line.c_str());
}

/// TERM and INT as something to poll. Before any thread is started, so that all of them leave the two alone.
int block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const int descriptor = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
  return descriptor;
}

/// The signal that asks for the end; 0 where none has come.
int pending_signal(int descriptor) {
  signalfd_siginfo info{};
  return read(descriptor, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

/// Registers what is not registered yet. \returns whether everything is.
class Registration {
public:
  explicit Registration(const std::vector<ActorOption>& actors) : actors_(actors) {}

  bool advance(RegistryClient& client) {
    while (done_ < actors_.size()) {
      const ActorOption& actor = actors_[done_];
      try {
        client.register_actor(actor.name, actor.endpoint);
        say("registered " + actor.name + " at " + actor.endpoint);
        ++done_;
        said_.clear();
      } catch (const actors::registry::RegistryError& error) {
        // Once: the registry may be away for long.
        if (said_ != error.what()) say(std::string(error.what()) + "; trying again");
        said_ = error.what();
        return false;
      }
    }
    return true;
  }

private:
  const std::vector<ActorOption>& actors_;
  std::size_t done_ = 0;
  std::string said_;
};

/// \returns the signal that ended it.
int work(const Options& options, ActorSockets& sockets, int signals) {
  RegistryClient client(options.manager_id, options.registry, call_timeout);
  client.on_notice([](const actors::registry::Notice& notice) { say(notice.text); });
  if (!options.silent) client.start_heartbeat();
  Registration registration(sockets.bound());
  const auto death = Clock::now() + options.die_after.value_or(longest_wait);
  bool registered = options.silent;
  for (;;) {
    if (const int signal = pending_signal(signals)) {
      if (!options.silent && !client.goodbye()) say("the registry did not confirm the goodbye");
      return signal;
    }
    if (options.die_after && Clock::now() >= death) _exit(options.exit_status);
    if (!registered) registered = registration.advance(client);
    auto longest = registered ? longest_wait : pause_between_tries;
    if (options.die_after) {
      longest = std::min(longest, std::chrono::ceil<milliseconds>(death - Clock::now()));
    }
    sockets.wait(signals, longest);
  }
}

int run(const Options& options) {
  const int signals = block_signals();
  ActorSockets sockets(options.actors);
  say("manager " + options.manager_id + (options.silent ? ", silent" : ", registry " + options.registry));
  const int signal = work(options, sockets, signals);
  for (std::size_t i = 0; i < options.actors.size(); ++i) {
    say(options.actors[i].name + " received " + std::to_string(sockets.messages(i)) + " messages");
  }
  say(std::string("ending on ") + (signal == SIGTERM ? "TERM" : "INT"));
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse_options(argc, argv);
    if (options.help) {
      std::fputs(usage, stdout);
      return 0;
    }
    return run(options);
  } catch (const std::invalid_argument& error) {
    say(error.what());
    return 2;
  } catch (const std::exception& error) {
    say(error.what());
    return 1;
  }
}
