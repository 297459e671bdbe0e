package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"intakebot/app/config"
)

var (
	docLink = regexp.MustCompile(`\]\(([^)#:]+)\)|src="([^":]+)"`) // to files of ours
	docTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w*)`")
	docRow  = regexp.MustCompile("(?m)^\\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \\|")
	docName = regexp.MustCompile("[A-Z_]+")
	testDef = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
)

// TestDocsAreTrue: what the pages show and link to is there, every test that they
// name exists, and docs/settings.md holds every setting.
func TestDocsAreTrue(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{}
	for _, path := range glob(t, "*/*_test.go", "*/*/*_test.go") {
		for _, found := range testDef.FindAllStringSubmatch(page(t, path), -1) {
			tests[found[1]] = true
		}
	}
	pages := glob(t, "*.md", "docs/*.md", "docs/decisions/*.md")
	for _, path := range pages {
		text := page(t, path)
		for _, link := range docLink.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), link[1]+link[2])); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		for _, named := range docTest.FindAllStringSubmatch(text, -1) {
			if !tests[named[1]] {
				t.Errorf("%s names %s, which does not exist", path, named[1])
			}
		}
	}
	if len(pages) < 2 || len(tests) == 0 {
		t.Errorf("%d pages, %d tests: the test looks in the wrong place", len(pages), len(tests))
	}
	var documented []string
	for _, row := range docRow.FindAllStringSubmatch(page(t, "docs/settings.md"), -1) {
		documented = append(documented, docName.FindAllString(row[1], -1)...)
	}
	variables := config.Variables()
	for _, name := range variables {
		if !slices.Contains(documented, name) {
			t.Errorf("docs/settings.md lacks %s", name)
		}
	}
	if len(documented) != len(variables) {
		t.Errorf("docs/settings.md has %d settings, there are %d", len(documented), len(variables))
	}
}

func glob(t *testing.T, patterns ...string) (all []string) {
	t.Helper()
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

func page(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
