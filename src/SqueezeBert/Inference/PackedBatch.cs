namespace SqueezeBert.Inference;

/// <summary>
/// The tokens of several texts one after another, without padding: what every interpreter of a model runs on.
/// Buffers grow and are kept, so a batch that is cleared and filled again allocates nothing. Not thread-safe.
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

    /// <summary>Tokens of all texts.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Number of texts.</summary>
    public int TextCount { get; private set; }

    /// <summary>Token ids, [<see cref="TokenCount"/>].</summary>
    public ReadOnlySpan<int> TokenIds => _tokenIds.AsSpan(0, TokenCount);

    /// <summary>Token type ids (0 for the first sentence, 1 for the second), [<see cref="TokenCount"/>].</summary>
    public ReadOnlySpan<int> TokenTypeIds => _tokenTypeIds.AsSpan(0, TokenCount);

    /// <summary>Position of each token in its text, ascending; a hole is a position that a mask took out.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, TokenCount);

    /// <summary>First row of each text and, at the end, <see cref="TokenCount"/>; [<see cref="TextCount"/> + 1].</summary>
    public ReadOnlySpan<int> TextStarts => _textStarts.AsSpan(0, TextCount + 1);

    /// <summary>Rows (ascending) whose outputs are asked for one by one, such as the masked positions of a masked language model.</summary>
    public ReadOnlySpan<int> SelectedRows => _selectedRows.AsSpan(0, _selectedCount);

    /// <summary>Takes all texts out; keeps the buffers.</summary>
    public void Clear()
    {
        TokenCount = 0;
        TextCount = 0;
        _selectedCount = 0;
        _maskedNeighbours = null;
    }

    /// <summary>Appends a text.</summary>
    /// <param name="tokenIds">At least one id.</param>
    /// <param name="tokenTypeIds">As many, or empty for zeros.</param>
    /// <param name="positions">As many, strictly ascending and not negative, or empty for 0, 1, 2, …</param>
    /// <exception cref="ArgumentException">The text is empty or the lengths differ or positions do not ascend.</exception>
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

    /// <summary>Asks for the outputs of a row of the batch; rows are named in ascending order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The row is outside the batch or not after the last one.</exception>
    public void Select(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, TokenCount);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(row, _selectedCount == 0 ? -1 : _selectedRows[_selectedCount - 1]);
        if (_selectedCount == _selectedRows.Length) Array.Resize(ref _selectedRows, 2 * _selectedRows.Length);
        _selectedRows[_selectedCount++] = row;
    }

    /// <summary>
    /// Names the tokens that a mask took out next to a row, or -1: a padded reference's trigram embedding sees them although attention does
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

    /// <summary>(next, previous) token ids that a mask took out, -1 where there is none; empty when no row has any.</summary>
    internal ReadOnlySpan<int> MaskedNeighbours => _maskedNeighbours;
}
