package e2e

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLicences: docs/licences.md lists every module that a release holds, each
// at its version with a licence that is known to suit.
func TestLicences(t *testing.T) {
	t.Parallel()
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", ".")
	list.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64") // as the image is built
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	built := strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' })
	slices.Sort(built)
	built = slices.Compact(built)
	doc, err := os.ReadFile("docs/licences.md")
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for line := range strings.Lines(string(doc)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 3 || !strings.Contains(cells[0], "/") {
			continue
		}
		listed = append(listed, strings.TrimPrefix(cells[0], "| ")+" "+cells[1])
		licence := strings.TrimSuffix(cells[2], " |")
		if !slices.Contains([]string{"MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "FTL"}, licence) {
			t.Errorf("%s: licence %s", cells[0], licence)
		}
	}
	slices.Sort(listed)
	if diff := cmp.Diff(built, listed); diff != "" {
		t.Errorf("docs/licences.md (-built +listed):\n%s", diff)
	}
}
