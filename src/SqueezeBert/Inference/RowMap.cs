using SqueezeBert.Graphs.Nodes;

namespace SqueezeBert.Inference;

/// <summary>The rows of each row set in the current batch. The arrays grow and are kept.</summary>
internal sealed class RowMap
{
    private int[] _firstTokens = [];
    private int[] _selectedTokens = [];
    private int[] _selectedStarts = [];
    private int[] _textStarts = [];
    private int _textCount;
    private int _tokenCount;
    private int _selectedCount;

    public int TextCount => _textCount;

    public int LongestText { get; private set; }

    public ReadOnlySpan<int> TextStarts => _textStarts.AsSpan(0, _textCount + 1);

    public void Set(PackedBatch batch)
    {
        (_textCount, _tokenCount, _selectedCount) = (batch.TextCount, batch.TokenCount, batch.SelectedRows.Length);
        Reserve(ref _firstTokens, _textCount);
        Reserve(ref _textStarts, _textCount + 1);
        Reserve(ref _selectedStarts, _textCount + 1);
        Reserve(ref _selectedTokens, _selectedCount);
        batch.TextStarts.CopyTo(_textStarts);
        batch.TextStarts[..^1].CopyTo(_firstTokens);
        batch.SelectedRows.CopyTo(_selectedTokens);
        LongestText = 0;
        for (int text = 0, selected = 0; text < _textCount; text++)
        {
            LongestText = Math.Max(LongestText, _textStarts[text + 1] - _textStarts[text]);
            while (selected < _selectedCount && _selectedTokens[selected] < _textStarts[text + 1]) selected++;
            _selectedStarts[text + 1] = selected;
        }
    }

    /// <summary>Removes the batch and keeps the arrays.</summary>
    public void Clear() => (_textCount, _tokenCount, _selectedCount, LongestText) = (0, 0, 0, 0);

    public int Count(RowSet rows) => rows switch
    {
        RowSet.Tokens => _tokenCount,
        RowSet.SelectedTokens => _selectedCount,
        _ => _textCount,
    };

    /// <summary>First row of a text in a row set.</summary>
    public int Start(RowSet rows, int text) => rows switch
    {
        RowSet.Tokens => _textStarts[text],
        RowSet.SelectedTokens => _selectedStarts[text],
        _ => text,
    };

    /// <summary>Returns the token for each row of a smaller row set.</summary>
    public ReadOnlySpan<int> Tokens(RowSet rows) => rows switch
    {
        RowSet.FirstTokens => _firstTokens.AsSpan(0, _textCount),
        RowSet.SelectedTokens => _selectedTokens.AsSpan(0, _selectedCount),
        _ => throw new ArgumentOutOfRangeException(nameof(rows)),
    };

    private static void Reserve(ref int[] array, int length)
    {
        if (array.Length < length) array = new int[Math.Max(length, 2 * array.Length)];
    }
}
