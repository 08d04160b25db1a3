#pragma once

#include "ssh/dial.hpp"
#include "ssh/session.hpp"
#include "ssh/settings.hpp"
#include "tests/unit/kept_port.hpp"

#include <chrono>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

/// What the tests of ssh/ share: folders, programs, a real sshd and a real ssh-agent, all ended with their
/// owner.
namespace test {

inline ssh::Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

/// A folder under /tmp that is gone with its owner.
class TempFolder {
public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

void write_file(const std::string& path, const std::string& text, int mode = 0600);
std::string read_file(const std::string& path);

/// A program in the background, ended by its pid with its owner.
class Background {
public:
  explicit Background(std::vector<std::string> command_line);
  Background(Background&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  ~Background();
  void signal(int number) const;
  [[nodiscard]] bool ended() const;
  [[nodiscard]] pid_t pid() const { return pid_; }

private:
  pid_t pid_ = -1;
};

/// Runs a program to its end; fails the test where it is not 0. Returns what it printed.
std::string run(const std::vector<std::string>& command_line);

/// A listening socket on 127.0.0.1 with a port of its own.
class Listener {
public:
  Listener();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Waits for a connection.
  [[nodiscard]] ssh::UniqueFd accept() const;

private:
  ssh::UniqueFd socket_;
  std::uint16_t port_ = 0;
};

/// Makes a key pair and returns the public part, `TYPE BASE64`.
std::string make_key(const std::string& path, const std::string& type = "ed25519",
                     const std::string& passphrase = "");

/// An sshd on a port of its own, with a user key that it takes.
class Sshd {
public:
  explicit Sshd(const std::string& extra_config = "", const std::string& host_key_type = "ed25519");

  TempFolder folder;
  std::uint16_t port = 0;
  std::string host_key; ///< `TYPE BASE64`
  std::string user_key; ///< path of the private key

  /// `[127.0.0.1]:PORT`
  [[nodiscard]] std::string name() const { return "[127.0.0.1]:" + std::to_string(port); }
  /// Settings that know its host key and name its user key, and no agent.
  [[nodiscard]] ssh::Settings settings() const;
  [[nodiscard]] ssh::UniqueFd dial() const;
  [[nodiscard]] ssh::Session session() const;
  /// Ends every process that serves a connection.
  void cut_connections() const;
  void signal_connections(int number) const;

private:
  KeptPort kept_;
  std::vector<Background> process_;
};

/// Dials one address; the result of dial_all.
ssh::DialResult dial(const std::string& host, std::uint16_t port, std::chrono::milliseconds time);

} // namespace test
