#include "clients/cpp/src/making_process.hpp"

#include "actors/registry/errors.hpp"

#include <string>
#include <unistd.h>

namespace actors::registry {

MakingProcess::MakingProcess() noexcept : pid_(getpid()) {}

bool MakingProcess::is_forked_child() const noexcept {
  return getpid() != pid_;
}

void MakingProcess::check(const char* what) const {
  if (is_forked_child())
    throw RegistryError(std::string("this ") + what +
                        " was made before a fork: make one of its own in the child");
}

} // namespace actors::registry
