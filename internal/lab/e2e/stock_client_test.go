package e2e

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
)

// stockClient is an ordinary mail client beside the reader.
type stockClient struct {
	t *testing.T
	*imapclient.Client
}

func dialStock(t *testing.T, server *inbox.Server, username string) stockClient {
	t.Helper()
	client, err := imapclient.DialInsecure(fmt.Sprintf("127.0.0.1:%d", server.IMAPPort()), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	require.NoError(t, client.Login(username, inbox.Password).Wait())
	return stockClient{t, client}
}

// file puts a message into a folder.
func (c stockClient) file(folder string, raw []byte) {
	c.t.Helper()
	appending := c.Append(folder, int64(len(raw)), nil)
	_, err := appending.Write(raw)
	require.NoError(c.t, err)
	require.NoError(c.t, appending.Close())
	_, err = appending.Wait()
	require.NoError(c.t, err)
}

// messages are those of a folder, whole; none of them may have a flag.
func (c stockClient) messages(folder string) []string {
	c.t.Helper()
	state, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	require.NoError(c.t, err)
	if state.NumMessages == 0 {
		return nil
	}
	whole := &imap.FetchItemBodySection{Peek: true}
	found, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, &imap.FetchOptions{Flags: true, BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
	require.NoError(c.t, err)
	var raws []string
	for _, message := range found {
		require.Empty(c.t, message.Flags, "the reader flags nothing in %s", folder)
		raws = append(raws, string(bytes.TrimSpace(message.FindBodySection(whole))))
	}
	return raws
}
