#pragma once

#include <functional>
#include <thread>

namespace ssh {

/// A thread that gets no signals: those are for the program's own. \throws std::system_error.
std::thread background_thread(std::function<void()> work);

} // namespace ssh
