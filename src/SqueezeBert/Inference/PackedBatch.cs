namespace SqueezeBert.Inference;

/// <summary>
/// The tokens of several texts, one after another and without padding. It is the input of a model run. The buffers grow and are kept, so a
/// batch that is cleared and filled again allocates nothing. Not thread-safe.
/// </summary>
public sealed class PackedBatch
{
    private int[] _tokenIds = new int[256];
    private int[] _tokenTypeIds = new int[256];
    private int[] _positions = new int[256];
    private int[] _textStarts = new int[17];
    private int[] _selectedRows = new int[16];
    private int _selectedCount;
    private int[]? _maskedNeighbours;

    /// <summary>The number of tokens of all texts.</summary>
    public int TokenCount { get; private set; }

    /// <summary>The number of texts.</summary>
    public int TextCount { get; private set; }

    /// <summary>The token ids, with the shape [<see cref="TokenCount"/>].</summary>
    public ReadOnlySpan<int> TokenIds => _tokenIds.AsSpan(0, TokenCount);

    /// <summary>The token type ids (0 for the first text of a pair, 1 for the second), with the shape [<see cref="TokenCount"/>].</summary>
    public ReadOnlySpan<int> TokenTypeIds => _tokenTypeIds.AsSpan(0, TokenCount);

    /// <summary>
    /// The position of each token in its text, in ascending order. Positions that an attention mask has removed are missing.
    /// </summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, TokenCount);

    /// <summary>The first row of each text, followed by <see cref="TokenCount"/>. The shape is [<see cref="TextCount"/> + 1].</summary>
    public ReadOnlySpan<int> TextStarts => _textStarts.AsSpan(0, TextCount + 1);

    /// <summary>
    /// The rows that <see cref="Select"/> has requested individually, in ascending order. An example is the masked positions of a masked
    /// language model.
    /// </summary>
    public ReadOnlySpan<int> SelectedRows => _selectedRows.AsSpan(0, _selectedCount);

    /// <summary>Removes all texts and keeps the buffers.</summary>
    public void Clear()
    {
        TokenCount = 0;
        TextCount = 0;
        _selectedCount = 0;
        _maskedNeighbours = null;
    }

    /// <summary>Appends a text.</summary>
    /// <param name="tokenIds">The token ids; at least one.</param>
    /// <param name="tokenTypeIds">One token type id per token, or empty for zeros.</param>
    /// <param name="positions">One position per token, strictly ascending and not negative, or empty for 0, 1, 2, …</param>
    /// <exception cref="ArgumentException">The text is empty, the lengths differ, or the positions do not ascend.</exception>
    public void Add(ReadOnlySpan<int> tokenIds, ReadOnlySpan<int> tokenTypeIds = default, ReadOnlySpan<int> positions = default)
    {
        if (tokenIds.IsEmpty)
            throw new ArgumentException("a text needs at least one token; add [CLS] and [SEP] to an empty one", nameof(tokenIds));
        if (!tokenTypeIds.IsEmpty && tokenTypeIds.Length != tokenIds.Length)
            throw new ArgumentException($"{tokenIds.Length} token ids but {tokenTypeIds.Length} token type ids", nameof(tokenTypeIds));
        if (!positions.IsEmpty && positions.Length != tokenIds.Length)
            throw new ArgumentException($"{tokenIds.Length} token ids but {positions.Length} positions", nameof(positions));
        for (var i = 0; i < positions.Length; i++)
        {
            if (positions[i] < (i == 0 ? 0 : positions[i - 1] + 1))
                throw new ArgumentException("positions must not be negative and must ascend", nameof(positions));
        }

        var end = checked(TokenCount + tokenIds.Length);
        if (end > _tokenIds.Length)
        {
            var size = Math.Max(end, 2 * _tokenIds.Length);
            Array.Resize(ref _tokenIds, size);
            Array.Resize(ref _tokenTypeIds, size);
            Array.Resize(ref _positions, size);
        }

        if (TextCount + 2 > _textStarts.Length) Array.Resize(ref _textStarts, 2 * _textStarts.Length);
        tokenIds.CopyTo(_tokenIds.AsSpan(TokenCount));
        var types = _tokenTypeIds.AsSpan(TokenCount, tokenIds.Length);
        if (tokenTypeIds.IsEmpty) types.Clear();
        else tokenTypeIds.CopyTo(types);
        var places = _positions.AsSpan(TokenCount, tokenIds.Length);
        if (positions.IsEmpty)
        {
            for (var i = 0; i < places.Length; i++) places[i] = i;
        }
        else
        {
            positions.CopyTo(places);
        }

        TokenCount = end;
        TextCount++;
        _textStarts[TextCount] = end;
    }

    /// <summary>Requests the outputs of one row. Rows must be selected in ascending order.</summary>
    /// <param name="row">The row in the batch, from 0 to <see cref="TokenCount"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The row is outside the batch, or it is not after the row that was selected last.
    /// </exception>
    public void Select(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, TokenCount);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(row, _selectedCount == 0 ? -1 : _selectedRows[_selectedCount - 1]);
        if (_selectedCount == _selectedRows.Length) Array.Resize(ref _selectedRows, 2 * _selectedRows.Length);
        _selectedRows[_selectedCount++] = row;
    }

    /// <summary>
    /// Sets the masked tokens next to a row, or -1 for none. The trigram embedding of a padded reference reads them although attention does
    /// not.
    /// </summary>
    internal void SetMaskedNeighbours(int row, int next, int previous)
    {
        if (_maskedNeighbours is null || _maskedNeighbours.Length < 2 * TokenCount)
        {
            var larger = new int[2 * TokenCount];
            Array.Fill(larger, -1);
            _maskedNeighbours?.CopyTo(larger, 0);
            _maskedNeighbours = larger;
        }

        (_maskedNeighbours[2 * row], _maskedNeighbours[(2 * row) + 1]) = (next, previous);
    }

    /// <summary>The (next, previous) ids of masked tokens, with -1 for none. Empty if no row has any.</summary>
    internal ReadOnlySpan<int> MaskedNeighbours => _maskedNeighbours;
}
