using System.Numerics;
using System.Runtime.CompilerServices;

namespace SqueezeBert.Tokenization.Pieces;

/// <summary>
/// A set of strings with values, walked character by character to find the longest prefix of a text that is in the set. All edges are in
/// one hash table of 8-byte entries, so that building takes linear time and memory whatever the strings are.
/// Two tries share the table: what may start a word, and what may continue it.
/// </summary>
internal sealed class PieceTrie
{
    /// <summary>The root of strings that start a word.</summary>
    internal const int StartRoot = 1;

    /// <summary>The root of strings that continue a word.</summary>
    internal const int ContinuationRoot = 2;

    /// <summary>Nodes have 24 bits in an entry.</summary>
    internal const int MaxNodes = 1 << 24;

    // Not the same in two processes, so that no vocabulary can be made whose edges all collide.
    private static readonly ulong Factor = (ulong)Random.Shared.NextInt64() | 1;

    // Node (24 bits), character (16 bits), child (24 bits); 0 where the slot is free, since no child is node 0.
    private ulong[] _edges = new ulong[1 << 12];
    private int _shift = 64 - 12;
    private int[] _values = new int[1 << 12];

    // The characters of a node's edges, modulo 64, as bits: most walks end at a look at these.
    private ulong[] _next = new ulong[1 << 12];
    private int _nodeCount = 3;

    internal PieceTrie() => Array.Fill(_values, -1);

    /// <summary>Adds a string to one of the tries; false where the trie is full.</summary>
    internal bool TryAdd(int root, ReadOnlySpan<char> key, int value)
    {
        var node = root;
        foreach (var c in key)
        {
            var child = Child(node, c);
            if (child == 0)
            {
                if (_nodeCount == MaxNodes)
                    return false;
                child = AddNode();
                if (_nodeCount * 3L > _edges.Length * 2L)
                    Grow();
                Insert(((ulong)node << 40) | ((ulong)c << 24) | (uint)child);
                _next[node] |= 1UL << c;
            }

            node = child;
        }

        _values[node] = value;
        return true;
    }

    /// <summary>
    /// The value of the longest string of the set that <paramref name="text"/> starts with, or -1; <paramref name="length"/> is its length.
    /// </summary>
    internal int LongestMatch(int root, ReadOnlySpan<char> text, out int length)
    {
        var found = -1;
        var node = root;
        length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (((_next[node] >> text[i]) & 1) == 0)
                break;
            node = Child(node, text[i]);
            if (node == 0)
                break;
            var value = _values[node];
            if (value >= 0)
            {
                found = value;
                length = i + 1;
            }
        }

        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Hash(ulong key) => (key ^ (key >> 20)) * Factor;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Child(int node, char c)
    {
        var edges = _edges;
        var key = ((ulong)node << 16) | c;
        var slot = (int)(Hash(key) >> _shift);
        while (true)
        {
            var edge = edges[slot & (edges.Length - 1)];
            if (edge >> 24 == key)
                return (int)(edge & 0xFFFFFF);
            if (edge == 0)
                return 0;
            slot++;
        }
    }

    private void Insert(ulong edge)
    {
        var slot = (int)(Hash(edge >> 24) >> _shift);
        while (_edges[slot & (_edges.Length - 1)] != 0)
            slot++;
        _edges[slot & (_edges.Length - 1)] = edge;
    }

    private int AddNode()
    {
        if (_nodeCount == _values.Length)
        {
            Array.Resize(ref _values, 2 * _nodeCount);
            Array.Resize(ref _next, 2 * _nodeCount);
            _values.AsSpan(_nodeCount).Fill(-1);
        }

        return _nodeCount++;
    }

    private void Grow()
    {
        var old = _edges;
        _edges = new ulong[2 * old.Length];
        _shift = 64 - BitOperations.Log2((uint)_edges.Length);
        foreach (var edge in old)
        {
            if (edge != 0)
                Insert(edge);
        }
    }
}
