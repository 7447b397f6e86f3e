using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Inference;

/// <summary>The blocks of queries that attention runs on, each given by its text, its first query row and its length.</summary>
internal sealed class AttentionBlocks
{
    private (int Text, int First, int Count)[] _blocks = [];

    public int Count { get; private set; }

    public (int Text, int First, int Count) this[int index] => _blocks[index];

    public void Build(RowMap map, RowSet rows, int blockSize)
    {
        Count = 0;
        for (var text = 0; text < map.TextCount; text++)
        {
            var start = map.Start(rows, text);
            var end = rows == RowSet.SelectedTokens || rows == RowSet.Tokens ? map.Start(rows, text + 1) : start + 1;
            var blocks = (int)(((long)end - start + blockSize - 1) / blockSize);
            for (var i = 0; i < blocks; i++)
            {
                // Even blocks: a last one of a few queries would waste the lanes of a tile.
                var first = start + (int)((long)(end - start) * i / blocks);
                var next = start + (int)((long)(end - start) * (i + 1) / blocks);
                if (Count == _blocks.Length) Array.Resize(ref _blocks, Math.Max(16, 2 * _blocks.Length));
                _blocks[Count++] = (text, first, next - first);
            }
        }
    }
}
