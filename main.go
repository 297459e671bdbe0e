package main

import "os"

func main() { os.Exit(Main(Build{version, commit}, demoCommand)) }

// version and commit are set by the linker for a release:
// -ldflags "-X main.version=1.2.3 -X main.commit=abcdef".
var version, commit = "dev", ""
