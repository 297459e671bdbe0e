package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"

	"intakebot/incident"
)

// PublicServer is Telegram's own Bot API server.
const PublicServer = "https://api.telegram.org"

// errTooLarge: bots get files up to that size.
var errTooLarge = errors.New("download a file: it is larger than Telegram gives to bots")

func (c *Client) download(ctx context.Context, fileID string) ([]byte, error) {
	var file struct {
		Path string `json:"file_path"`
	}
	if err := c.call(ctx, "getFile", request{FileID: fileID}, &file); err != nil {
		return nil, err
	}
	if path.IsAbs(file.Path) && c.cfg.APIURL != PublicServer {
		if data, err := readLocal(file.Path); err == nil || errors.Is(err, errTooLarge) {
			return data, err
		}
	}
	return c.downloadFrom(ctx, c.fileURL(file.Path))
}

// readLocal reads a file that a server on this machine, or on a folder that both
// see, has written.
func readLocal(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.New("download a file: it is none")
	}
	return readMost(f, 0)
}

// fileURL is where a file is served. A path on the server's machine names the
// token's folder; what is under it is served like any other file.
func (c *Client) fileURL(name string) string {
	if _, under, cut := strings.Cut(name, "/"+c.cfg.Token+"/"); cut {
		name = under
	}
	name = (&url.URL{Path: strings.TrimPrefix(name, "/")}).EscapedPath()
	return c.cfg.FilesURL + "/file/bot" + c.cfg.Token + "/" + name
}

func (c *Client) downloadFrom(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("telegram: the path of a file cannot be read")
	}
	resp, err := c.polls.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address
		}
		return nil, fmt.Errorf("download a file: %w", c.Scrub(err))
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotFound && c.cfg.APIURL != PublicServer:
		return nil, ErrNoFiles
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("download a file: telegram answered %s", resp.Status)
	}
	data, err := readMost(resp.Body, resp.ContentLength)
	if err != nil && !errors.Is(err, errTooLarge) {
		err = fmt.Errorf("download a file: %w", c.Scrub(err))
	}
	return data, err
}

// ErrNoFiles: a server of one's own serves no files by HTTP, and where it keeps
// them cannot be read.
var ErrNoFiles = errors.New("download a file: the Bot API server answers 404 to files: run it with --local and let the bot read its folder, or put a web server before it (TELEGRAM_FILES_URL)")

// readMost reads a file up to the size that the bot takes; size is what is known
// of it, so that it need not grow in memory.
func readMost(from io.Reader, size int64) ([]byte, error) {
	var data bytes.Buffer
	data.Grow(int(min(max(size, 0), incident.FetchMost)) + bytes.MinRead)
	_, err := data.ReadFrom(io.LimitReader(from, incident.FetchMost+1))
	if err == nil && data.Len() > incident.FetchMost {
		return nil, errTooLarge
	}
	return data.Bytes(), err
}
