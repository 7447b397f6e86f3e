using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Inference;

namespace SqueezeBert.Gradients.Batches;

/// <summary>A batch that is being processed: the places of its tokens in native memory, and the keys of its dropout.</summary>
internal sealed unsafe class BatchState(int workers)
{
    /// <summary>
    /// The number of rows of a block, which is a whole number of the matrix kernels' tiles. The gradients of norms are first summed over
    /// such blocks.
    /// </summary>
    public const int RowBlock = 96;

    private ulong* _tokenKeys;
    private ulong* _textKeys;
    private ulong* _selectedKeys;
    private int* _selectedStarts;

    public Arena Arena { get; } = new();

    /// <summary>
    /// The number of threads that may work at the same time, which is the number of scratch areas that an operation needs.
    /// </summary>
    public int Workers { get; } = workers;

    public int TokenCount { get; private set; }

    public int TextCount { get; private set; }

    public int SelectedCount { get; private set; }

    public int* TokenIds { get; private set; }

    public int* TokenTypeIds { get; private set; }

    public int* Positions { get; private set; }

    /// <summary>[<see cref="TextCount"/> + 1].</summary>
    public int* TextStarts { get; private set; }

    public int* SelectedRows { get; private set; }

    public bool Dropout { get; private set; }

    public DropoutKey DropoutKey { get; private set; }

    /// <summary>Returns the number of rows of a row set in a future batch.</summary>
    public static int RowCount(RowSet rows, PackedBatch batch) => rows switch
    {
        RowSet.Tokens => batch.TokenCount,
        RowSet.SelectedTokens => batch.SelectedRows.Length,
        _ => batch.TextCount,
    };

    public int RowCount(RowSet rows) => rows switch
    {
        RowSet.Tokens => TokenCount,
        RowSet.SelectedTokens => SelectedCount,
        _ => TextCount,
    };

    /// <summary>Returns the token row for each row of a selection.</summary>
    public int* SourceRows(RowSet rows) => rows switch
    {
        RowSet.SelectedTokens => SelectedRows,
        RowSet.FirstTokens => TextStarts,
        _ => throw new NotSupportedException($"{rows} is not a selection of tokens"),
    };

    /// <summary>Returns the first row of a text and the number of its rows.</summary>
    public (int First, int Count) RowsOf(RowSet rows, int text)
    {
        var starts = rows == RowSet.Tokens ? TextStarts : rows == RowSet.SelectedTokens ? _selectedStarts : null;
        return starts is null ? (text, 1) : (starts[text], starts[text + 1] - starts[text]);
    }

    /// <summary>Returns the largest number of rows of any text.</summary>
    public int MaxLength(RowSet rows)
    {
        var longest = 0;
        for (var text = 0; text < TextCount; text++) longest = Math.Max(longest, RowsOf(rows, text).Count);
        return longest;
    }

    /// <summary>Returns the key of each row for the random numbers of a dropout: its example and its place there.</summary>
    public ulong* RowKeys(RowSet rows) => rows switch
    {
        RowSet.Tokens => _tokenKeys,
        RowSet.SelectedTokens => _selectedKeys,
        _ => _textKeys,
    };

    /// <summary>Begins a batch. <paramref name="dropout"/> is null if nothing is dropped (evaluation).</summary>
    public void Begin(PackedBatch batch, DropoutKey? dropout)
    {
        Arena.Reset();
        TokenCount = batch.TokenCount;
        TextCount = batch.TextCount;
        SelectedCount = batch.SelectedRows.Length;
        TokenIds = Arena.Copy(batch.TokenIds);
        TokenTypeIds = Arena.Copy(batch.TokenTypeIds);
        Positions = Arena.Copy(batch.Positions);
        TextStarts = Arena.Copy(batch.TextStarts);
        SelectedRows = Arena.Copy(batch.SelectedRows);
        _selectedStarts = (int*)Arena.Floats(TextCount + 1);
        _selectedStarts[0] = 0;
        for (var text = 0; text < TextCount; text++)
        {
            var row = _selectedStarts[text];
            while (row < SelectedCount && SelectedRows[row] < TextStarts[text + 1]) row++;
            _selectedStarts[text + 1] = row;
        }

        Dropout = dropout is not null;
        DropoutKey = dropout ?? default;
        if (Dropout) MakeRowKeys();
    }

    private void MakeRowKeys()
    {
        _tokenKeys = (ulong*)Arena.Floats(2L * TokenCount);
        _textKeys = (ulong*)Arena.Floats(2L * TextCount);
        _selectedKeys = (ulong*)Arena.Floats(2L * SelectedCount);
        for (var text = 0; text < TextCount; text++)
        {
            var start = TextStarts[text];
            for (var row = start; row < TextStarts[text + 1]; row++)
                _tokenKeys[row] = DropoutKey.Row(DropoutKey.FirstExample + text, row - start);
            _textKeys[text] = _tokenKeys[start];
        }

        for (var i = 0; i < SelectedCount; i++) _selectedKeys[i] = _tokenKeys[SelectedRows[i]];
    }
}
