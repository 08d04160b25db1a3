#pragma once

#include <memory>

#include <sys/types.h>

namespace actors::registry {

/// The process in which something was made. libzmq's threads and our own do not come along into a forked
/// child, and its descriptors are the parent's: nothing there can be used, nor ended.
class MakingProcess {
public:
  MakingProcess() noexcept;

  /// Whether the caller is a child of it.
  [[nodiscard]] bool is_forked_child() const noexcept;
  /// \param what "client". \throws RegistryError where the caller is a child of it.
  void check(const char* what) const;

private:
  pid_t pid_;
};

/// Owns what was made just now: ends it where it was made, and leaves it alone in a forked child.
template<typename T>
std::shared_ptr<T> left_to_parent(T* made) {
  return std::shared_ptr<T>(made, [process = MakingProcess()](T* one) {
    if (!process.is_forked_child()) delete one;
  });
}

} // namespace actors::registry
