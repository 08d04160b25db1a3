#pragma once

#include <string>

namespace registry_core {

/// One process at a time has a data directory: the file `lock` in it, locked (flock(2)) for as long as the
/// object lives, holding the process's id.
class DirectoryLock {
public:
  /// Makes the directory where it is missing, its parents not. \throws StoreError: which directory, why, and
  /// of a directory that somebody else has, whose it is.
  explicit DirectoryLock(const std::string& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

private:
  int descriptor_;
};

} // namespace registry_core
