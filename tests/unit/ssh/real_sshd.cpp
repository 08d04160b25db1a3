#include "tests/unit/ssh/real_sshd.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace test {

namespace {

pid_t spawn(const std::vector<std::string>& command_line, int output) {
  std::vector<char*> arguments;
  for (const auto& argument : command_line)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  if (output >= 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1);
  else
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("can't start " + command_line[0]);
  return pid;
}

std::string current_user() {
  return getpwuid(getuid())->pw_name;
}

/// The direct children of a process, from /proc.
std::vector<pid_t> children(pid_t parent) {
  std::vector<pid_t> found;
  std::ifstream file("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children");
  for (pid_t pid = 0; file >> pid;)
    found.push_back(pid);
  return found;
}

/// All below a process, each before what is below it.
void collect_below(pid_t parent, std::vector<pid_t>& found) {
  for (const auto child : children(parent)) {
    found.push_back(child);
    collect_below(child, found);
  }
}

/// From the top down, or sshd would still tell what became of its commands.
void signal_below(pid_t parent, int number) {
  std::vector<pid_t> below;
  collect_below(parent, below);
  for (const auto pid : below)
    ::kill(pid, number);
}

} // namespace

TempFolder::TempFolder() {
  std::string name = "/tmp/actorsctl-ssh-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, const std::string& text, int mode) {
  std::ofstream(path, std::ios::trunc) << text;
  ::chmod(path.c_str(), static_cast<mode_t>(mode));
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Background::Background(std::vector<std::string> command_line) : pid_(spawn(command_line, -1)) {}

Background::~Background() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGCONT);
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

void Background::signal(int number) const {
  ::kill(pid_, number);
}

bool Background::ended() const {
  siginfo_t state{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &state, WEXITED | WNOHANG | WNOWAIT) != 0 ||
         state.si_pid == pid_;
}

std::string run(const std::vector<std::string>& command_line) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const ssh::UniqueFd read(fds[0]);
  ssh::UniqueFd write(fds[1]);
  const pid_t pid = spawn(command_line, write.get());
  write = ssh::UniqueFd();
  std::string text;
  char piece[4096];
  for (ssize_t size = 0; (size = ::read(read.get(), piece, sizeof piece)) > 0;)
    text.append(piece, static_cast<std::size_t>(size));
  int status = -1;
  ::waitpid(pid, &status, 0);
  if (status == 0) return text;
  std::string words;
  for (const auto& word : command_line)
    words += word + " ";
  throw std::runtime_error(words + "ended with status " + std::to_string(status));
}

Listener::Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket_.get(), raw, size) != 0 || ::listen(socket_.get(), 16) != 0 ||
      ::getsockname(socket_.get(), raw, &size) != 0)
    throw std::runtime_error("can't listen");
  port_ = ntohs(address.sin_port);
}

ssh::UniqueFd Listener::accept() const {
  return ssh::UniqueFd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

std::string make_key(const std::string& path, const std::string& type, const std::string& passphrase) {
  std::vector<std::string> line{"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", "test", "-f", path};
  if (type == "rsa") line.insert(line.end(), {"-b", "2048"});
  run(line);
  std::istringstream words(read_file(path + ".pub"));
  std::string kind, base64;
  words >> kind >> base64;
  return kind + " " + base64;
}

ssh::DialResult dial(const std::string& host, std::uint16_t port, std::chrono::milliseconds time) {
  const ssh::DialRequest request{host, port, AF_UNSPEC, in(time)};
  std::optional<ssh::DialResult> result;
  ssh::dial_all(std::span(&request, 1), [&](std::size_t, ssh::DialResult each) { result = std::move(each); });
  return std::move(*result);
}

Sshd::Sshd(const std::string& extra_config, const std::string& host_key_type) {
  host_key = make_key(folder / "host_key", host_key_type);
  user_key = folder / "user_key";
  write_file(folder / "authorized_keys", make_key(user_key) + "\n");
  if (::getuid() == 0) ::mkdir("/run/sshd", 0755); // what the package's service makes; sshd insists on it
  port = kept_.number();
  // HOME, so that no ~/.bashrc of the machine's is read by each command, which may do anything and take its
  // time. The first value of a keyword counts, so what a test adds goes to the top.
  write_file(folder / "sshd_config",
             extra_config + "SetEnv HOME=" + folder.path() +
                 "\nListenAddress 127.0.0.1:" + std::to_string(port) + "\nHostKey " + (folder / "host_key") +
                 "\nAuthorizedKeysFile " + (folder / "authorized_keys") +
                 "\nPidFile none\nStrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\n"
                 "KbdInteractiveAuthentication no\nUsePAM no\nLogLevel QUIET\nPrintMotd no\n");
  process_.emplace_back(std::vector<std::string>{"/usr/sbin/sshd", "-D", "-e", "-f", folder / "sshd_config"});
  const auto deadline = in(std::chrono::seconds(20));
  while (std::holds_alternative<ssh::Error>(test::dial("127.0.0.1", port, std::chrono::seconds(5)))) {
    if (process_.front().ended() || std::chrono::steady_clock::now() > deadline)
      throw std::runtime_error("sshd does not come up");
    ::poll(nullptr, 0, 20);
  }
  write_file(folder / "known_hosts", name() + " " + host_key + "\n");
}

ssh::Settings Sshd::settings() const {
  ssh::Settings settings;
  settings.alias = settings.hostname = "127.0.0.1";
  settings.port = port;
  settings.user = current_user();
  settings.identity_files = {user_key};
  settings.identity_agent = "none";
  settings.user_known_hosts = {folder / "known_hosts"};
  return settings;
}

ssh::UniqueFd Sshd::dial() const {
  auto result = test::dial("127.0.0.1", port, std::chrono::seconds(10));
  if (const auto* error = std::get_if<ssh::Error>(&result)) throw *error;
  return std::move(std::get<ssh::Dialed>(result).stream.socket);
}

ssh::Session Sshd::session() const {
  return ssh::Session::open(settings(), dial(), in(std::chrono::seconds(20)));
}

void Sshd::cut_connections() const {
  signal_connections(SIGKILL);
}

void Sshd::signal_connections(int number) const {
  signal_below(process_.front().pid(), number);
}

} // namespace test
