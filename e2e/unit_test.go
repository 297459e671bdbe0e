package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"intakebot/app/config"
)

// unitLines are the settings of a unit or a drop-in.
func unitLines(t *testing.T, file string) (lines []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

const (
	unitFile  = "deploy/intakebot.service"
	plainFile = "deploy/intakebot-plain.conf"
)

// TestUnit: what the unit is trusted with. Wrong settings end the program for good;
// a crash does not, and leaves no memory on the disk; a fault that lasts is not tried
// every two seconds; no word is newer than systemd 247 but those that an older one
// may leave out.
func TestUnit(t *testing.T) {
	t.Parallel()
	unit := unitLines(t, unitFile)
	for _, line := range []string{
		"Restart=always", "RestartPreventExitStatus=2", "Environment=GOTRACEBACK=crash", "LimitCORE=0",
		"StartLimitIntervalSec=0", "RestartSteps=8", "RestartMaxDelaySec=60",
		"LoadCredential=smtp_password:/etc/intakebot/smtp_password", `SetCredential=smtp_password:\n`,
	} {
		if !slices.Contains(unit, line) {
			t.Errorf("the unit lacks %s", line)
		}
	}
	for _, line := range append(unit, unitLines(t, plainFile)...) {
		if strings.Contains(line, "%d") {
			t.Errorf("systemd knows %%d from 251 only: %s", line)
		}
	}
	// The drop-in empties Environment=: what it does not repeat is lost.
	plain := unitLines(t, plainFile)
	for _, line := range unit {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, "Environment="), "=")
		if strings.HasPrefix(line, "Environment=") && !slices.ContainsFunc(plain, func(l string) bool { return strings.HasPrefix(l, "Environment="+name+"=") }) {
			t.Errorf("%s lacks Environment=%s", plainFile, name)
		}
	}
}

// TestUnitVerified asks systemd itself, where it is.
func TestUnitVerified(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("no systemd-analyze here")
	}
	unit, err := os.ReadFile(unitFile)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "intakebot.service")
	there := strings.ReplaceAll(string(unit), "/usr/local/bin/intakebot", "/bin/true")
	if err := os.WriteFile(file, []byte(there), 0o600); err != nil {
		t.Fatal(err)
	}
	said, _ := exec.Command("systemd-analyze", "verify", "--man=no", file).CombinedOutput()
	for line := range strings.Lines(string(said)) {
		if strings.Contains(line, "intakebot.service") && !strings.Contains(line, "RestartSteps") && !strings.Contains(line, "RestartMaxDelaySec") {
			t.Errorf("systemd says: %s", line)
		}
	}
}

// TestCrashRestarts: with the unit's GOTRACEBACK a panic in any goroutine ends the
// process by a signal, which RestartPreventExitStatus=2 does not hold back.
func TestCrashRestarts(t *testing.T) {
	const crashing = "INTAKEBOT_TEST_CRASH"
	if os.Getenv(crashing) != "" {
		go panic("a fault of our own")
		select {}
	}
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(self, "-test.run=^TestCrashRestarts$")
	run.Env = append(os.Environ(), crashing+"=1")
	for _, line := range unitLines(t, unitFile) {
		if value, ok := strings.CutPrefix(line, "Environment="); ok {
			run.Env = append(run.Env, value)
		}
	}
	run.Dir = t.TempDir()
	var exit *exec.ExitError
	if err := run.Run(); !errors.As(err, &exit) {
		t.Fatalf("the crash ended with %v", err)
	}
	if status := exit.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGABRT {
		t.Errorf("the crash ended with %v, not by a signal", exit)
	}
}

// TestRelayWithoutPassword: the empty credential of the unit is no password.
func TestRelayWithoutPassword(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "smtp_password")
	if err := os.WriteFile(file, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"SMTP_PASSWORD_FILE": file}
	s, mistakes := config.Read(func(name string) (string, bool) { v, ok := env[name]; return v, ok }, "SMTP_PASSWORD", "SMTP_USERNAME")
	if len(mistakes) > 0 || s.SMTP.Password != "" {
		t.Errorf("an empty file of SMTP_PASSWORD: %q", mistakes)
	}
}
