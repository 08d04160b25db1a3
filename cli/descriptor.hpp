#pragma once

#include <unistd.h>

namespace cli {

/// A file descriptor, closed with the object; negative: none.
class Descriptor {
public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }

private:
  int number_;
};

} // namespace cli
