using SqueezeBert.Gradients.Batches;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels.RowWise;

namespace SqueezeBert.Gradients.Operations;

/// <summary>
/// Computes the sum of table rows. Backward, each token adds its gradient to the rows that it looked up, token after token, by ranges of
/// channels. A padding row gets no gradient from look-ups.
/// </summary>
internal sealed unsafe class EmbedOperation : Operation
{
    private const int ChannelChunk = 64;

    private readonly EmbedNode _node;
    private readonly Parameter[] _tables;
    private readonly ParameterStore _parameters;
    private readonly int _chunks;

    public EmbedOperation(EmbedNode node, ParameterStore parameters)
        : base(node, parameters)
    {
        _node = node;
        _parameters = parameters;
        if (node.Tables.Any(table => table.Mapping is not null || table.Factors is not null))
            throw new NotSupportedException("training of an embedding table with a mapping or weights of its tokens is not supported");
        _tables = [.. node.Tables.Select(table => table.Weight as Parameter
            ?? throw new NotSupportedException("training of an embedding that is put together from several parameters is not supported"))];
        _chunks = (node.Width + ChannelChunk - 1) / ChannelChunk;
    }

    /// <summary>Rows that replace the look-ups, [tokens, width], or null.</summary>
    public float* Replacement { get; set; }

    public override int ParameterParts => TrainedParameters.Count * _chunks;

    public override void Forward(BatchState state, int first, int count, int worker)
    {
        if (Replacement is not null)
        {
            new ReadOnlySpan<float>(Replacement + ((long)first * Output.Width), count * Output.Width).CopyTo(
                new Span<float>(Output.DataRow(first), count * Output.Width));
            return;
        }

        var tables = stackalloc EmbeddingLookup[_tables.Length];
        for (var i = 0; i < _tables.Length; i++) tables[i] = new EmbeddingLookup(_parameters.Values(_tables[i]), Indices(state, i) + first);
        Embedding.Sum(tables, _tables.Length, new(Output.DataRow(first), count, Output.Width));
    }

    public override void Backward(BatchState state, int first, int count, int worker)
    {
    }

    public override void ParameterGradient(BatchState state, int part)
    {
        var trained = TrainedParameters[part / _chunks];
        for (var i = 0; i < _tables.Length; i++)
        {
            if (_tables[i] == trained) TableGradient(state, i, part % _chunks * ChannelChunk);
        }
    }

    private void TableGradient(BatchState state, int index, int channel)
    {
        var table = _tables[index];
        var ids = Indices(state, index);
        var channels = Math.Min(ChannelChunk, Output.Width - channel);
        var gradients = _parameters.Gradients(table) + channel;
        var padding = table.PaddingRow;
        for (var token = 0; token < state.TokenCount; token++)
        {
            if (ids[token] == padding) continue;
            var target = gradients + ((long)ids[token] * Output.Width);
            Elementwise.Add(Output.GradientRow(token) + channel, target, target, channels);
        }
    }

    private int* Indices(BatchState state, int table) => _node.Tables[table].Index switch
    {
        EmbeddingIndex.TokenId => state.TokenIds,
        EmbeddingIndex.Position => state.Positions,
        _ => state.TokenTypeIds,
    };
}
