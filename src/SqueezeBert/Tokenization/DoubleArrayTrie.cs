using System.Runtime.CompilerServices;

namespace SqueezeBert.Tokenization;

/// <summary>
/// A set of strings with values, walked character by character to find the longest prefix of a text that is in the set (a double-array trie,
/// Aoe 1989). Characters are first mapped to dense symbols in the order of their frequency, so that children lie close together.
/// Two tries share the arrays: what may start a word, and what may continue it.
/// </summary>
internal sealed class DoubleArrayTrie
{
    /// <summary>The root of strings that start a word.</summary>
    internal const int StartRoot = 1;

    /// <summary>The root of strings that continue a word.</summary>
    internal const int ContinuationRoot = 2;

    private readonly ushort[] _symbols = new ushort[0x10000];
    private Node[] _nodes = new Node[1024];
    private int _firstFree = 3;

    /// <summary>Builds the two tries; keys are distinct and not empty.</summary>
    internal DoubleArrayTrie(List<Entry> starts, List<Entry> continuations)
    {
        AssignSymbols(starts, continuations);
        Array.Fill(_nodes, Node.Free);
        _nodes[0].Check = 0;
        _nodes[StartRoot].Check = 0;
        _nodes[ContinuationRoot].Check = 0;
        var children = new List<(int From, int To)>();
        foreach ((List<Entry> entries, int root) in new[] { (starts, StartRoot), (continuations, ContinuationRoot) })
        {
            entries.Sort(static (a, b) => a.Key.Span.SequenceCompareTo(b.Key.Span));
            Build(entries, root, children);
        }
    }

    /// <summary>One string of the set and its value, at least 0.</summary>
    internal readonly record struct Entry(ReadOnlyMemory<char> Key, int Value);

    private struct Node
    {
        internal static readonly Node Free = new() { Base = 0, Check = -1, Value = -1 };

        /// <summary>The position of child s is Base + s.</summary>
        internal int Base;

        /// <summary>The parent, -1 where the slot is free.</summary>
        internal int Check;

        /// <summary>The string's value, -1 where no string ends.</summary>
        internal int Value;
    }

    /// <summary>The value of the longest string of the set that <paramref name="text"/> starts with, or -1; <paramref name="length"/> is its length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int LongestMatch(int root, ReadOnlySpan<char> text, out int length)
    {
        Node[] nodes = _nodes;
        ushort[] symbols = _symbols;
        int node = root;
        int found = -1;
        length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int symbol = symbols[text[i]];
            int child = nodes[node].Base + symbol;
            if (symbol == 0 || (uint)child >= (uint)nodes.Length || nodes[child].Check != node)
                break;
            node = child;
            if (nodes[node].Value >= 0)
            {
                found = nodes[node].Value;
                length = i + 1;
            }
        }

        return found;
    }

    private void AssignSymbols(List<Entry> starts, List<Entry> continuations)
    {
        int[] counts = new int[0x10000];
        foreach (Entry entry in starts)
        {
            foreach (char c in entry.Key.Span)
                counts[c]++;
        }

        foreach (Entry entry in continuations)
        {
            foreach (char c in entry.Key.Span)
                counts[c]++;
        }

        var used = new List<char>();
        for (int c = 0; c < counts.Length; c++)
        {
            if (counts[c] > 0)
                used.Add((char)c);
        }

        used.Sort((a, b) => counts[b] != counts[a] ? counts[b].CompareTo(counts[a]) : a.CompareTo(b));
        // Symbol 0 means "in no string": with all 65,536 units in use the rarest would have to share it, so it is left out of 65,535.
        for (int i = 0; i < Math.Min(used.Count, ushort.MaxValue); i++)
            _symbols[used[i]] = (ushort)(i + 1);
    }

    private void Build(List<Entry> entries, int root, List<(int From, int To)> scratch)
    {
        var pending = new Stack<(int Node, int From, int To, int Depth)>();
        pending.Push((root, 0, entries.Count, 0));
        while (pending.TryPop(out (int Node, int From, int To, int Depth) item))
        {
            (int node, int from, int to, int depth) = item;
            if (from < to && entries[from].Key.Length == depth)
                _nodes[node].Value = entries[from++].Value;
            if (from == to)
                continue;
            scratch.Clear();
            for (int i = from; i < to;)
            {
                char c = entries[i].Key.Span[depth];
                int end = i + 1;
                while (end < to && entries[end].Key.Span[depth] == c)
                    end++;
                scratch.Add((i, end));
                i = end;
            }

            int offset = FindBase(entries, scratch, depth);
            _nodes[node].Base = offset;
            foreach ((int first, int last) in scratch)
            {
                int child = offset + _symbols[entries[first].Key.Span[depth]];
                _nodes[child].Check = node;
                pending.Push((child, first, last, depth + 1));
            }
        }
    }

    private int FindBase(List<Entry> entries, List<(int From, int To)> children, int depth)
    {
        int lowest = int.MaxValue, highest = 0;
        foreach ((int from, _) in children)
        {
            int symbol = _symbols[entries[from].Key.Span[depth]];
            lowest = Math.Min(lowest, symbol);
            highest = Math.Max(highest, symbol);
        }

        int failures = 0;
        for (int slot = _firstFree; ; slot++)
        {
            int offset = slot - lowest;
            EnsureSize(Math.Max(slot, offset + highest) + 1);
            if (offset < 0 || _nodes[slot].Check >= 0)
            {
                // Slots before a long run of failures are nearly full: not looking there again keeps the build linear.
                if (slot == _firstFree && _nodes[slot].Check >= 0)
                    _firstFree++;
                continue;
            }

            bool fits = true;
            foreach ((int from, _) in children)
            {
                if (_nodes[offset + _symbols[entries[from].Key.Span[depth]]].Check >= 0)
                {
                    fits = false;
                    break;
                }
            }

            if (fits)
                return offset;
            if (++failures == 256)
                _firstFree = slot;
        }
    }

    private void EnsureSize(int size)
    {
        if (size <= _nodes.Length)
            return;
        int old = _nodes.Length;
        Array.Resize(ref _nodes, Math.Max(size, old + (old / 2)));
        _nodes.AsSpan(old).Fill(Node.Free);
    }
}
