using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;

namespace SqueezeBert.Gradients.Tests;

/// <summary>
/// Up to 14 operations, each on values made before it, whatever they are; what nothing has read is summed up in the output.
/// </summary>
internal sealed class RandomGraph
{
    /// <summary>Outputs besides "y": "extra0" and so on.</summary>
    public const int ExtraOutputs = 3;

    private static readonly Activation[] Smooth = [Activation.Gelu, Activation.GeluTanh, Activation.Silu, Activation.Tanh];

    private readonly Random _random;
    private readonly GraphBuilder _g = new();
    private readonly List<Node> _values = [];
    private readonly HashSet<Node> _read = [];
    private readonly RowSet _rows;
    private int _names;

    private RandomGraph(Random random)
    {
        _random = random;
        _rows = (RowSet)random.Next(4);
    }

    public static Graph Create(Random random, int vocabulary)
    {
        var graph = new RandomGraph(random);
        graph.Build(vocabulary);
        return graph._g.Build(ModelHead.None);
    }

    private void Build(int vocabulary)
    {
        var width = Width();
        _values.Add(
            _g.Embed(_g.Table("words", EmbeddingIndex.TokenId, vocabulary, width), _g.Table("places", EmbeddingIndex.Position, 16, width)));
        for (var count = _random.Next(2, 15); count > 0; count--) _values.Add(Operation());
        var output = _values.Where(value => !_read.Contains(value)).Select(value => _g.Linear(Convert(value), Name(), 7)).ToList()
            .Aggregate(_g.Add);
        _g.Output("y", output);

        // Values from anywhere, read by others or not.
        for (var i = 0; i < ExtraOutputs; i++) _g.Output($"extra{i}", _values[_random.Next(_values.Count)]);
    }

    private Node Operation()
    {
        var x = Any(_values);
        switch (_random.Next(13))
        {
            case 0 or 1:
                var groups = x.Width % 4 == 0 ? 1 << _random.Next(3) : 1;
                return _g.Convolution(x, Name(), groups == 1 ? Width() + 1 : Width(), groups);
            case 2:
                return _g.Activate(x, Smooth[_random.Next(Smooth.Length)]);
            case 3:
                return _g.Scale(x, 0.8f);
            case 4:
                return _g.Add(x, Any(_values.Where(y => y.Width == x.Width && y.Rows == x.Rows)));
            case 5:
                return _g.LayerNorm(x, Name(), 0.1f);
            case 6:
                return _g.Norm(x, NormKind.NoNorm, Name(), 0);
            case 7:
                return _g.Dropout(x, 0.3f);
            case 8 when x.Width > 4:
                return _g.Columns(x, _random.Next(4), x.Width - 3 - _random.Next(x.Width - 4));
            case 8 or 9:
                return x.Rows == _rows ? _g.Scale(x, 1.5f) : Convert(x);
        }

        x = Any(_values.Where(value => value.Rows == RowSet.Tokens));
        switch (_random.Next(4))
        {
            case 0 or 1:
                var alike = _values.Where(y => y.Width == x.Width && y.Rows == RowSet.Tokens);
                return _g.Attention(x, Any(alike), Any(alike), x.Width % 2 == 0 ? 2 : 1, 0.2f);
            case 2:
                return _g.DepthwiseConvolution(x,
                    [new(0, _g.Parameter(Name(), ParameterKind.Weight, x.Width, 1, 3), _g.Parameter(Name(), ParameterKind.Bias, x.Width))]);
            default:
                return x.Width < 30 ? _g.Trigram(x) : _g.Scale(x, -1);
        }
    }

    /// <summary>To the rows of the output.</summary>
    private Node Convert(Node x) => x.Rows == _rows ? x
        : _rows == RowSet.Texts ? _g.Pool(x, PoolKind.Mean)
        : _g.SelectRows(x, _rows);

    private Node Any(IEnumerable<Node> values)
    {
        var list = values.ToList();
        var node = list[_random.Next(list.Count)];
        _read.Add(node);
        return node;
    }

    private int Width() => 4 * _random.Next(1, 6);

    private string Name() => $"p{_names++}";
}
