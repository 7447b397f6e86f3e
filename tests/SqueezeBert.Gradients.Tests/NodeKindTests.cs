using System.Collections;
using System.Reflection;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Kernels.Scalar;

namespace SqueezeBert.Gradients.Tests;

/// <summary>
/// The list of all kinds of operations. A new kind needs a row here, and its row says whether anything is missing: a builder method, how it
/// is rebuilt, its cost, an inference operation, a backward operation, a scalar twin of its kernel.
/// </summary>
public sealed class NodeKindTests
{
    private const int Tokens = 6;

    /// <summary>
    /// By type: how the builder makes one of a value of 8 channels, its floating-point operations for six tokens by hand, and where the
    /// plain twin of its kernel is; no twin where the operation has no kernel but moves or leaves out rows.
    /// </summary>
    private static readonly Dictionary<Type, Kind> Kinds = new()
    {
        [typeof(EmbedNode)] = new((g, _) => g.Embed(g.Table("places", EmbeddingIndex.Position, 16, 8)), 0, nameof(ScalarElementwise)),
        [typeof(NgramNode)] = new(
            (g, _) => g.Ngrams("ngrams", new() { Buckets = 11, Dimensions = 8 }, NgramVocabulary.Pieces), 0, nameof(ScalarElementwise)),
        [typeof(TrigramNode)] = new((g, x) => g.Trigram(x), 0, null),
        [typeof(LinearNode)] = new((g, x) => g.Convolution(x, "linear", 12, 2), 2 * Tokens * 12 * 4, nameof(ScalarMatrixMultiply)),
        [typeof(ActivationNode)] = new((g, x) => g.Activate(x, Activation.Gelu), 0, nameof(ScalarActivations)),
        [typeof(ScaleNode)] = new((g, x) => g.Scale(x, 0.7f), 0, nameof(ScalarElementwise)),
        [typeof(NormalizeNode)] = new((g, x) => g.Normalize(x), 0, null),
        [typeof(AddNode)] = new((g, x) => g.Add(x, g.Scale(x, 0.5f)), 0, nameof(ScalarElementwise)),
        [typeof(NormNode)] = new((g, x) => g.LayerNorm(x, "norm", 1e-5f), 0, nameof(ScalarNorms)),
        [typeof(DropoutNode)] = new((g, x) => g.Dropout(x, 0.2f), 0, nameof(ScalarDropout)),
        [typeof(AttentionNode)] = new(
            (g, x) => g.Attention(x, g.Scale(x, 0.5f), g.Scale(x, 2), 2, 0.1f), 2 * 2 * Tokens * Tokens * 8, nameof(ScalarAttention)),
        [typeof(DepthwiseConvolutionNode)] = new(
            (g, x) => g.DepthwiseConvolution(x,
                [new(0, g.Parameter("taps", ParameterKind.Weight, 8, 1, 3), g.Parameter("bias", ParameterKind.Bias, 8))]),
            2 * Tokens * 8 * 3,
            nameof(ScalarDepthwiseConvolution)),
        [typeof(ColumnsNode)] = new((g, x) => g.Columns(x, 2, 3), 0, null),
        [typeof(SelectRowsNode)] = new((g, x) => g.SelectRows(x, RowSet.FirstTokens), 0, null),
        [typeof(PoolNode)] = new((g, x) => g.Pool(x, PoolKind.Mean), 0, null),
    };

    /// <summary>Every type of node that there is.</summary>
    public static TheoryData<string> Names => [.. typeof(Node).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(Node)) && !type.IsAbstract).Select(type => type.Name).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheBuilderMakesIt(string name)
    {
        var (graph, node) = Make(name);
        Assert.Same(graph.Nodes[node.Id], node);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ItIsRebuiltOnOtherInputsWithEverythingElseTheSame(string name)
    {
        var (_, node) = Make(name);
        var others = node.Inputs.Select(input => (Node)new ScaleNode(input, 3)).ToList();
        var copy = node.WithInputs(others);
        Assert.NotSame(node, copy);
        Assert.IsType(node.GetType(), copy);
        Assert.Equal(others, copy.Inputs);
        Assert.Equal(-1, copy.Id);
        foreach (var property in node.GetType().GetProperties().Where(IsItsOwn))
            Assert.Equal(Listed(property.GetValue(node)), Listed(property.GetValue(copy)));

        // Where it stands by an input's place, the property is that input.
        bool IsItsOwn(PropertyInfo property) =>
            property.Name is not (nameof(Node.Id) or nameof(Node.Inputs)) && !typeof(Node).IsAssignableFrom(property.PropertyType);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ItSaysWhatItReadsAndCosts(string name)
    {
        var (_, node) = Make(name);
        Assert.Equal(Find(name).Flops, node.Flops(node.Rows == RowSet.Tokens ? Tokens : 1, Tokens));
        var held = node.GetType().GetProperties().Where(property => property.Name != nameof(Node.Expressions))
            .SelectMany(property => Parts(property.GetValue(node))).OfType<ParameterExpression>().ToHashSet();
        Assert.Equal(held, node.Expressions.ToHashSet());
        Assert.True(held.Count == 0 || node.CostName is not null);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ItSaysWhichRowsItOwes(string name)
    {
        var (_, node) = Make(name);
        foreach (var demanded in new[] { RowSet.Tokens, RowSet.FirstTokens })
        {
            var computed = node.RowsComputed(demanded);
            Assert.Contains(computed, new[] { demanded, node.Rows });
            for (var i = 0; i < node.Inputs.Count; i++)
            {
                var owed = node.RowsOwed(i, computed);
                Assert.Equal(node.IsSequenceWise && !(node is AttentionNode && i == 0) ? node.Inputs[i].Rows : computed, owed);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void InferenceComputesIt(string name)
    {
        var (graph, _) = Make(name);
        var batch = Batch();
        var twin = new Float64Model(graph, ["y"], batch, null);
        var source = new FormulaParameters();
        foreach (var parameter in graph.Parameters)
        {
            var values = new float[parameter.Length];
            source.Read(parameter, values);
            for (var i = 0; i < values.Length; i++) twin.Parameters[parameter][i] = values[i];
        }

        using var model = new Engine(new BertConfiguration(), graph, source, new EngineOptions { Threads = 1 });
        using var session = model.CreateSession("y");
        session.Run(batch);
        var (expected, actual) = (twin.Run()[0].SelectMany(row => row).ToArray(), session.GetOutput("y").ToArray());
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ItHasABackwardPass(string name) => GradientCheck.Run(Make(name).Graph, Batch(), samples: 8);

    [Theory]
    [MemberData(nameof(Names))]
    public void ItsKernelHasAPlainTwin(string name)
    {
        if (Find(name).Twin is { } twin) Assert.NotNull(typeof(ScalarMath).Assembly.GetType($"{typeof(ScalarMath).Namespace}.{twin}"));
    }

    private static Kind Find(string name) => Kinds.FirstOrDefault(kind => kind.Key.Name == name).Value
        ?? throw new InvalidOperationException($"{name} has no row in the list of kinds; add one, and what it shows to be missing");

    /// <summary>A graph with one operation of the kind between a table and the output.</summary>
    private static (Graph Graph, Node Node) Make(string name)
    {
        var g = new GraphBuilder();
        var node = Find(name).Make(g, g.Scale(g.Embed(g.Table("words", EmbeddingIndex.TokenId, 9, 8)), 1.5f));
        g.Output("y", node);
        Assert.Equal(name, node.GetType().Name);
        return (g.Build(ModelHead.None), node);
    }

    private static PackedBatch Batch()
    {
        var batch = new PackedBatch();
        batch.Add([2, 7, 7, 8, 3, 1]);
        batch.Add([5]);
        return batch;
    }

    private static object? Listed(object? value) => value is IEnumerable items and not string ? items.Cast<object>().ToList() : value;

    /// <summary>A value, its items, and what a record of the graph's holds.</summary>
    private static IEnumerable<object> Parts(object? value) => value switch
    {
        null or string or Node => [],
        ParameterExpression => [value],
        IEnumerable items => items.Cast<object>().SelectMany(Parts),
        EmbeddingTable or ConvolutionBranch => value.GetType().GetProperties().SelectMany(property => Parts(property.GetValue(value))),
        _ => [value],
    };

    private sealed record Kind(Func<GraphBuilder, Node, Node> Make, long Flops, string? Twin);
}
