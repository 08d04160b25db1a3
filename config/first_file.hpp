#pragma once

#include <string>
#include <vector>

namespace config {

/// What a first file is made from. Nothing of it is checked: parse() sees to the text.
struct FirstFile {
  struct Manager {
    std::string id;
    std::string service;
  };
  struct Host {
    std::string name;
    std::string ssh; ///< `local`, or how SSH reaches it
    std::vector<Manager> managers;
  };

  std::string registry; ///< the endpoint where everybody reaches it; empty: this machine alone
  std::vector<Host> hosts;
};

/// The file, with comments for whoever goes on with it. The registry binds where `registry` is reached: on
/// the loopback address or a socket alone, or on every address of its machine.
std::string text_of(const FirstFile& file);

} // namespace config
