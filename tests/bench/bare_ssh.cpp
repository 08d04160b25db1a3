// What `actorsctl hosts` is measured against: a pool of threads that opens a libssh session to each host,
// logs in with one key, runs one command and reads it to its end. No setting is looked up, no host key is
// judged, nothing is retried: the least that such a program could do.
//
//   bare_ssh USER PORT KEY_FILE WIDTH COMMAND HOST...

#include <libssh/libssh.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using Session = std::unique_ptr<ssh_session_struct, decltype(&ssh_free)>;
using Channel = std::unique_ptr<ssh_channel_struct, decltype(&ssh_channel_free)>;
using Key = std::unique_ptr<ssh_key_struct, decltype(&ssh_key_free)>;

struct Options {
  std::string user;
  unsigned port = 0;
  std::string command;
  std::vector<std::string> hosts;
};

void require(int result, ssh_session session, const char* what) {
  if (result != SSH_OK) throw std::runtime_error(std::string(what) + ": " + ssh_get_error(session));
}

void run_command(ssh_session session, const std::string& command) {
  const Channel channel(ssh_channel_new(session), &ssh_channel_free);
  require(ssh_channel_open_session(channel.get()), session, "channel");
  require(ssh_channel_request_exec(channel.get(), command.c_str()), session, "command");
  std::array<char, 4096> piece{};
  while (ssh_channel_read(channel.get(), piece.data(), piece.size(), 0) > 0) {
  }
  if (ssh_channel_get_exit_status(channel.get()) != 0) throw std::runtime_error("the command failed");
}

void run_on(const std::string& host, const Options& options, ssh_key key) {
  const Session session(ssh_new(), &ssh_free);
  const int process_config = 0;
  ssh_options_set(session.get(), SSH_OPTIONS_PROCESS_CONFIG, &process_config);
  ssh_options_set(session.get(), SSH_OPTIONS_HOST, host.c_str());
  ssh_options_set(session.get(), SSH_OPTIONS_PORT, &options.port);
  ssh_options_set(session.get(), SSH_OPTIONS_USER, options.user.c_str());
  require(ssh_connect(session.get()), session.get(), "connect");
  require(ssh_userauth_publickey(session.get(), nullptr, key), session.get(), "log in");
  run_command(session.get(), options.command);
  ssh_disconnect(session.get()); // which frees the session's channels
}

/// How many hosts it went wrong on.
int run_on_all(const Options& options, ssh_key key, unsigned width) {
  std::atomic<std::size_t> next = 0;
  std::atomic<int> failed = 0;
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < std::min<std::size_t>(width, options.hosts.size()); ++i)
    threads.emplace_back([&] {
      for (std::size_t at = next++; at < options.hosts.size(); at = next++) {
        try {
          run_on(options.hosts[at], options, key);
        } catch (const std::exception& error) {
          ++failed;
          std::fprintf(stderr, "bare_ssh: %s: %s\n", options.hosts[at].c_str(), error.what());
        }
      }
    });
  threads.clear();
  return failed;
}

} // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 6) {
    std::fputs("usage: bare_ssh USER PORT KEY_FILE WIDTH COMMAND HOST...\n", stderr);
    return 2;
  }
  try {
    const Options options{
        words[0], static_cast<unsigned>(std::stoul(words[1])), words[4], {words.begin() + 5, words.end()}};
    ssh_key raw = nullptr;
    if (ssh_pki_import_privkey_file(words[2].c_str(), nullptr, nullptr, nullptr, &raw) != SSH_OK)
      throw std::runtime_error("no key in " + words[2]);
    const Key key(raw, &ssh_key_free);
    const int failed = run_on_all(options, key.get(), static_cast<unsigned>(std::stoul(words[3])));
    std::printf("%zu done, %d failed\n", options.hosts.size() - static_cast<std::size_t>(failed), failed);
    return failed == 0 ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bare_ssh: %s\n", error.what());
    return 1;
  }
}
