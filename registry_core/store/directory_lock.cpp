#include "registry_core/store/directory_lock.hpp"

#include "registry_core/last_error.hpp"
#include "registry_core/store/store.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace registry_core {

namespace {

/// The process that holds the lock, as it says; empty where it does not.
std::string holder(int descriptor) {
  std::array<char, 32> text{};
  const ssize_t size = pread(descriptor, text.data(), text.size(), 0);
  std::string pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  pid.erase(pid.find_last_not_of(" \n") + 1);
  return pid;
}

} // namespace

DirectoryLock::DirectoryLock(const std::string& directory) {
  if (mkdir(directory.c_str(), 0750) != 0 && errno != EEXIST)
    throw StoreError(directory + ": can't be made: " + last_error());
  const std::string path = directory + "/lock";
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor_ < 0) throw StoreError(path + ": " + last_error());
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const std::string pid = errno == EWOULDBLOCK ? holder(descriptor_) : std::string();
    const std::string why = errno == EWOULDBLOCK ? "in use by another registry" : last_error();
    close(descriptor_);
    throw StoreError(directory + ": " + why + (pid.empty() ? "" : " (pid " + pid + ")"));
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  const bool written = ftruncate(descriptor_, 0) == 0 &&
                       pwrite(descriptor_, pid.data(), pid.size(), 0) == static_cast<ssize_t>(pid.size());
  if (written) return;
  const std::string why = last_error();
  close(descriptor_);
  throw StoreError(path + ": can't be written: " + why);
}

DirectoryLock::~DirectoryLock() {
  close(descriptor_);
}

} // namespace registry_core
