package secretbox_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/secretbox"
)

func TestBox(t *testing.T) {
	t.Parallel()
	box, err := secretbox.New(bytes.Repeat([]byte{7}, secretbox.KeySize))
	require.NoError(t, err)
	sealed, err := box.Seal("maya@northwind.example", "hunter2")
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "hunter2")
	again, err := box.Seal("maya@northwind.example", "hunter2")
	require.NoError(t, err)
	require.NotEqual(t, sealed, again, "each has a nonce of its own")
	opened, err := box.Open("maya@northwind.example", sealed)
	require.NoError(t, err)
	require.Equal(t, "hunter2", opened)

	_, err = box.Open("tess@northwind.example", sealed)
	require.ErrorIs(t, err, secretbox.ErrOtherKey, "it is bound to its name")
	_, err = box.Open("maya@northwind.example", sealed[:5])
	require.ErrorIs(t, err, secretbox.ErrDamaged)
	other, err := secretbox.New(bytes.Repeat([]byte{8}, secretbox.KeySize))
	require.NoError(t, err)
	_, err = other.Open("maya@northwind.example", sealed)
	require.ErrorIs(t, err, secretbox.ErrOtherKey)
}

func TestABoxWithoutKey(t *testing.T) {
	t.Parallel()
	box, err := secretbox.New(nil)
	require.NoError(t, err)
	sealed, err := box.Seal("maya@northwind.example", "")
	require.NoError(t, err)
	require.Nil(t, sealed)
	opened, err := box.Open("maya@northwind.example", nil)
	require.NoError(t, err)
	require.Empty(t, opened)
	_, err = box.Seal("maya@northwind.example", "hunter2")
	require.ErrorIs(t, err, secretbox.ErrNoKey)
	_, err = box.Open("maya@northwind.example", []byte("sealed"))
	require.ErrorIs(t, err, secretbox.ErrNoKey)
	_, err = secretbox.New([]byte("short"))
	require.ErrorContains(t, err, "32 bytes; this one has 5")
}
