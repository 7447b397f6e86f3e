using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Batches;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Kernels.Lanes;
using SqueezeBert.Tests;

namespace SqueezeBert.Gradients.Tests;

/// <summary>
/// The forward pass of a graph in float64, one formula an operation and nothing shared with the engine but the random numbers of dropout.
/// </summary>
internal sealed class Float64Model(Graph graph, IReadOnlyList<string> outputs, PackedBatch batch, DropoutKey? dropout)
{
    private readonly IReadOnlyList<Node> _nodes = graph.NodesFor(outputs);
    private readonly Dictionary<Node, double[][]> _values = [];
    private readonly int[] _texts = [.. Enumerable.Range(0, batch.TextCount)
        .SelectMany(text => Enumerable.Repeat(text, batch.TextStarts[text + 1] - batch.TextStarts[text]))];
    private readonly int[][] _indices = [batch.TokenIds.ToArray(), batch.Positions.ToArray(), batch.TokenTypeIds.ToArray()];

    /// <summary>The parameters' values; a test changes one and runs again.</summary>
    public Dictionary<Parameter, double[]> Parameters { get; } =
        graph.Parameters.ToDictionary(parameter => parameter, parameter => new double[parameter.Length]);

    /// <summary>The outputs, row by row, in the order they were named.</summary>
    public double[][][] Run()
    {
        _values.Clear();
        foreach (var node in _nodes) _values[node] = Compute(node);
        return [.. outputs.Select(output => _values[graph.Output(output).Node])];
    }

    private double[][] Compute(Node node) => node switch
    {
        EmbedNode embed =>
            Rows(node, row => Sum(embed.Tables.Select(table => TableRow((Parameter)table.Weight, _indices[(int)table.Index][row])))),
        NgramNode ngrams => Ngrams(ngrams),
        TrigramNode => Rows(node, row => [.. Neighbour(node, row, 1), .. X(node)[row], .. Neighbour(node, row, -1)]),
        LinearNode linear => Linear(linear),
        ActivationNode activation => Map(node, x => Activate(activation.Activation, x)),
        NormalizeNode => Rows(node, row => [.. X(node)[row].Select(x => x / Math.Sqrt(X(node)[row].Sum(y => y * y)))]),
        ScaleNode scale => Map(node, x => x * scale.Factor),
        AddNode => Rows(node, row => Sum([X(node)[row], X(node, 1)[row]])),
        NormNode norm => Rows(node, row => Norm(norm, X(node)[row])),
        DropoutNode drop => Rows(node,
            row => [.. X(node)[row].Select((x, channel) => x * Keep(drop.Probability, drop.Site, SourceRow(node.Rows, row), 0, channel))]),
        AttentionNode attention => Attention(attention),
        DepthwiseConvolutionNode convolution => Convolution(convolution),
        ColumnsNode columns => Rows(node, row => X(node)[row][columns.Start..(columns.Start + columns.Width)]),
        SelectRowsNode => Rows(node, row => [.. X(node)[SourceRow(node.Rows, row)]]),
        PoolNode pool => Rows(node, text => Pool(pool, TextRows(text).Select(row => X(node)[row]).ToList())),
        _ => throw new NotSupportedException(node.GetType().Name),
    };

    private double[][] Ngrams(NgramNode node)
    {
        var rows = Enumerable.Range(0, batch.TextCount).SelectMany(text => SlowNgrams.Of(
            NgramVocabulary.Tokens, [.. TextRows(text).Select(row => batch.TokenIds[row])],
            [.. TextRows(text).Select(row => batch.Positions[row])], node.Ngrams)).ToList();
        return Rows(node, row => rows[row].Length == 0 ? new double[node.Width]
            : [.. Sum(rows[row].Select(entry => TableRow(node.Table, entry))).Select(x => x / rows[row].Length)]);
    }

    private double[][] X(Node node, int input = 0) => _values[node.Inputs[input]];

    private double[][] Rows(Node node, Func<int, double[]> row) => [.. Enumerable.Range(0, RowCount(node.Rows)).Select(row)];

    private double[][] Map(Node node, Func<double, double> function) => [.. X(node).Select(row => row.Select(function).ToArray())];

    private int RowCount(RowSet rows) => rows switch
    {
        RowSet.Tokens => batch.TokenCount,
        RowSet.SelectedTokens => batch.SelectedRows.Length,
        _ => batch.TextCount,
    };

    /// <summary>The token row that a row stands for.</summary>
    private int SourceRow(RowSet rows, int row) => rows switch
    {
        RowSet.Tokens => row,
        RowSet.SelectedTokens => batch.SelectedRows[row],
        _ => batch.TextStarts[row],
    };

    private IEnumerable<int> TextRows(int text) =>
        Enumerable.Range(batch.TextStarts[text], batch.TextStarts[text + 1] - batch.TextStarts[text]);

    /// <summary>Of the rows of a value, those that belong to a text.</summary>
    private List<int> KeyRows(RowSet rows, int text) =>
        [.. Enumerable.Range(0, RowCount(rows)).Where(row => _texts[SourceRow(rows, row)] == text)];

    private double[] TableRow(Parameter table, int row) => Parameters[table][(row * table.Columns)..((row + 1) * table.Columns)];

    private static double[] Sum(IEnumerable<double[]> rows) => rows.Aggregate((x, y) => [.. x.Zip(y, (a, b) => a + b)]);

    /// <summary>The token of the same text that stands so far away by position, or -1.</summary>
    private int NeighbourRow(int row, int distance)
    {
        foreach (var other in TextRows(_texts[row]))
        {
            if (batch.Positions[other] == batch.Positions[row] + distance) return other;
        }

        return -1;
    }

    private double[] Neighbour(Node node, int row, int distance) =>
        NeighbourRow(row, distance) is >= 0 and var other ? X(node)[other] : new double[node.Inputs[0].Width];

    private double[][] Linear(LinearNode node)
    {
        var weight = Weight(node.Weight);
        var bias = Bias(node);
        var (inputs, outputs) = (node.Weight.Columns, node.Width / node.Groups);
        return Rows(node, row =>
        {
            var (x, y) = (X(node)[row], new double[node.Width]);
            for (var o = 0; o < node.Width; o++)
            {
                y[o] = bias[o];
                for (var i = 0; i < inputs; i++) y[o] += weight[(o * inputs) + i] * x[(o / outputs * inputs) + i];
            }

            return y;
        });
    }

    private double[] Bias(LinearNode node) => node.Bias switch
    {
        null => new double[node.Width],
        FilledAfter filled =>
            [.. Parameters[filled.Parameter][..filled.Kept], .. Enumerable.Repeat((double)filled.Value, filled.Rows - filled.Kept)],
        _ => Parameters[(Parameter)node.Bias],
    };

    /// <summary>[rows, columns] of an expression.</summary>
    private double[] Weight(ParameterExpression expression)
    {
        if (expression is Parameter parameter) return Parameters[parameter];
        var parts = ((ConcatenatedColumns)expression).Parts;
        return [.. Enumerable.Range(0, expression.Rows).SelectMany(row => parts.SelectMany(part => part.Transposed
            ? Enumerable.Range(0, part.Parameter.Rows).Select(column => Parameters[part.Parameter][(column * part.Parameter.Columns) + row])
            : Parameters[part.Parameter].Skip(row * part.Parameter.Columns).Take(part.Parameter.Columns)))];
    }

    private double[] Norm(NormNode norm, double[] x)
    {
        var mean = x.Average();
        var deviation = Math.Sqrt(x.Average(value => (value - mean) * (value - mean)) + norm.Epsilon);
        if (norm.Kind == NormKind.NoNorm) (mean, deviation) = (0, 1);
        return [.. x.Select((value, i) => ((value - mean) / deviation * Parameters[norm.Weight][i]) + Parameters[norm.Bias][i])];
    }

    /// <summary>What an element is multiplied by: 0 or 1 / (1 - p).</summary>
    private double Keep(float probability, int site, int token, int part, int index)
    {
        if (dropout is not { } key || probability == 0) return 1;
        var text = _texts[token];
        var row = DropoutKey.Row(key.FirstExample + text, token - batch.TextStarts[text]);
        return DropoutHash.Bits(DropoutKey.RowAt(key.Site(site, part), row), index) < DropoutKey.Threshold(probability) ? 0
            : 1 / (1 - (double)probability);
    }

    private double[][] Attention(AttentionNode node)
    {
        var width = node.Query.Width / node.Heads;
        var (queries, keys, values) = (X(node), X(node, 1), X(node, 2));
        return Rows(node, row =>
        {
            var token = SourceRow(node.Rows, row);
            var tokens = KeyRows(node.Key.Rows, _texts[token]);
            var y = new double[node.Width];
            for (var head = 0; head < node.Heads; head++)
            {
                var first = head * width;
                var exponentials =
                    tokens.Select(key => Math.Exp(node.Scale * Dot(queries[row].AsSpan(first, width), keys[key].AsSpan(first, width))))
                        .ToList();
                var sum = exponentials.Sum();
                for (var i = 0; i < tokens.Count; i++)
                {
                    var probability = exponentials[i] / sum * Keep(node.Dropout, node.Site, token, head, i);
                    for (var c = first; c < first + width; c++) y[c] += probability * values[tokens[i]][c];
                }
            }

            return y;
        });

        static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
        {
            double sum = 0;
            for (var i = 0; i < x.Length; i++) sum += x[i] * y[i];
            return sum;
        }
    }

    private double[][] Convolution(DepthwiseConvolutionNode node) => Rows(node, row =>
    {
        var y = new double[node.Width];
        foreach (var branch in node.Branches)
        {
            var (weight, bias) = (Parameters[branch.Weight], Parameters[branch.Bias]);
            bias.CopyTo(y, branch.Start);
            for (var tap = 0; tap < branch.KernelSize; tap++)
            {
                var x = Neighbour(node, row, tap - (branch.KernelSize / 2));
                for (var channel = 0; channel < branch.Channels; channel++)
                    y[branch.Start + channel] += weight[(channel * branch.KernelSize) + tap] * x[branch.Start + channel];
            }
        }

        return y;
    });

    private static double[] Pool(PoolNode pool, List<double[]> rows) =>
        [.. Enumerable.Range(0, pool.Width)
            .Select(channel => pool.Kind == PoolKind.Max ? rows.Max(row => row[channel]) : rows.Average(row => row[channel]))];

    private static double Activate(Activation activation, double x) => activation switch
    {
        Activation.None => x,
        Activation.Gelu => x * (1 + Erf(x / Math.Sqrt(2))) / 2,
        Activation.GeluTanh => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))) / 2,
        Activation.QuickGelu => x / (1 + Math.Exp(-1.702 * x)),
        Activation.Relu => Math.Max(x, 0),
        Activation.Silu => x / (1 + Math.Exp(-x)),
        Activation.Tanh => Math.Tanh(x),
        Activation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        _ => throw new NotSupportedException(activation.ToString()),
    };

    /// <summary>2/√π exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5·…·(2n + 1)): all terms have one sign, so nothing cancels.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 6) return Math.Sign(x);
        var term = x;
        var sum = x;
        for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
