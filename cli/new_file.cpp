#include "cli/new_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>
#include <system_error>

namespace cli {
namespace {

[[noreturn]] void refuse(const std::string& path, int error = errno) {
  throw std::system_error(error, std::generic_category(), path);
}

/// Signals that would end us wait as long as this lives.
class SignalsLater {
public:
  SignalsLater() {
    sigset_t later;
    sigemptyset(&later);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
      sigaddset(&later, signal);
    ::pthread_sigmask(SIG_BLOCK, &later, &before_);
  }
  SignalsLater(const SignalsLater&) = delete;
  SignalsLater& operator=(const SignalsLater&) = delete;
  ~SignalsLater() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
  sigset_t before_{};
};

/// A file beside the one that it is to become; gone with this, under its own name.
class Beside {
public:
  /// One that was killed may have left a file under our process id: it is nobody's, and stays.
  explicit Beside(const std::string& path) {
    constexpr int most_left_over = 100;
    const std::string name = path + ".new-" + std::to_string(::getpid());
    for (int i = 0; fd_ < 0 && i < most_left_over; ++i) {
      path_ = i == 0 ? name : name + "-" + std::to_string(i);
      fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd_ < 0 && errno != EEXIST) refuse(path);
    }
    if (fd_ < 0) refuse(path, EBUSY); // no std::errc::file_exists: that is said of the file itself
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;
  ~Beside() {
    ::close(fd_);
    ::unlink(path_.c_str());
  }

  void write(std::string_view text) const {
    while (!text.empty()) {
      const auto written = ::write(fd_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) refuse(path_);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(fd_) != 0) refuse(path_);
  }
  void set_mode(mode_t mode) const {
    constexpr mode_t permission_bits = 07777;
    if (::fchmod(fd_, mode & permission_bits) != 0) refuse(path_);
  }
  void become_like(const struct stat& before) const {
    if (::fchown(fd_, before.st_uid, before.st_gid) != 0) refuse(path_);
    set_mode(before.st_mode);
  }
  [[nodiscard]] const char* path() const { return path_.c_str(); }

private:
  std::string path_;
  int fd_ = -1;
};

std::optional<struct stat> status_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
}

/// Where a symbolic link leads, or the path itself.
std::string resolved(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), std::free);
  return real ? real.get() : path;
}

} // namespace

void put_file(const std::string& path, std::string_view text, bool replace, std::optional<mode_t> new_mode) {
  const auto place = replace ? resolved(path) : path;
  const SignalsLater later;
  const Beside beside(place);
  beside.write(text);
  const auto before = replace ? status_of(place) : std::nullopt;
  if (before) {
    beside.become_like(*before);
  } else if (new_mode) {
    beside.set_mode(*new_mode);
  }
  const int done = replace ? ::rename(beside.path(), place.c_str()) : ::link(beside.path(), place.c_str());
  if (done != 0) refuse(path);
}

} // namespace cli
