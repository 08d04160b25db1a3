#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace bench {

/// A program that runs beside this one, ended (TERM) and waited for with the object. It ends also when the
/// thread that made it does.
class Child {
public:
  /// \param arguments the program's path first. Its stderr is dropped.
  /// \throws std::system_error.
  explicit Child(const std::vector<std::string>& arguments);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

private:
  pid_t pid_;
};

/// `tcp://127.0.0.1:PORT` with a port that was free a moment ago.
std::string free_endpoint();

} // namespace bench
