using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Inference;
using SqueezeBert.Kernels.Products;

namespace SqueezeBert.Tests.Inference;

/// <summary>A tiny model of the reference with a padded batch and what the reference computes for it.</summary>
internal sealed class GoldenModel : IDisposable
{
    private readonly SafetensorsFile _expected;

    public GoldenModel(string name)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "models", name);
        Folder = ModelFolder.Open(path);
        _expected = SafetensorsFile.Open(Path.Combine(path, "expected.safetensors"));
        Ids = Integers("input.input_ids");
        Mask = Integers("input.attention_mask");
        TypeIds = _expected.Names.Contains("input.token_type_ids") ? Integers("input.token_type_ids") : new int[Ids.Length];
        Shape = [.. ShapeOf("input.input_ids")];
        (TextCount, Length) = (Ids.Length / Shape[^1], Shape[^1]);
        Graph = ModelGraph.Create(Folder.Configuration, ModelGraph.HeadOf(Folder.Configuration), RowSet.Tokens);
    }

    public ModelFolder Folder { get; }

    public Graph Graph { get; }

    /// <summary>[batch, length], or [batch, choices, length].</summary>
    public int[] Shape { get; }

    public int TextCount { get; }

    public int Length { get; }

    public int[] Ids { get; }

    public int[] Mask { get; }

    public int[] TypeIds { get; }

    /// <summary>The reference's outputs, without the prefix.</summary>
    public IEnumerable<string> OutputNames =>
        _expected.Names.Where(name => name.StartsWith("output.", StringComparison.Ordinal)).Select(name => name[7..]);

    /// <summary>With threads that share even what is too small for it to pay.</summary>
    public Engine Load(int threads = 1, WeightFormat? weights = null) =>
        new(Folder.Configuration, Graph, Folder.Weights, new EngineOptions
        {
            Threads = threads,
            Weights = weights ?? WeightFormat.Float32,
            Sharing = new SharingLimits { MinimumWork = 0, CachedWeights = 0 },
        });

    /// <summary>The positions of a text's real tokens.</summary>
    public int[] RealPositions(int text) => [.. Enumerable.Range(0, Length).Where(position => Mask[(text * Length) + position] != 0)];

    /// <summary>
    /// The texts without their padding; MobileBERT's trigram is told what the padded reference sees right of the last token.
    /// </summary>
    public PackedBatch Batch(params IEnumerable<int> texts)
    {
        var batch = new PackedBatch();
        foreach (var text in texts)
        {
            var positions = RealPositions(text);
            var first = batch.TokenCount;
            batch.Add(
                [.. positions.Select(position => Ids[(text * Length) + position])],
                [.. positions.Select(position => TypeIds[(text * Length) + position])],
                positions);
            for (var i = 0; i < positions.Length; i++)
            {
                var (next, previous) = (MaskedId(text, positions[i] + 1), MaskedId(text, positions[i] - 1));
                if (next >= 0 || previous >= 0) batch.SetMaskedNeighbours(first + i, next, previous);
            }
        }

        return batch;
    }

    public IEnumerable<int> ExpectedShape(string output) => ShapeOf("output." + output);

    public float[] Expected(string output)
    {
        Assert.True(_expected.TryGetTensor("output." + output, out var info));
        var values = new float[info.Shape.Aggregate(1L, (product, size) => product * size)];
        _expected.ReadFloats("output." + output, values);
        return values;
    }

    public void Dispose()
    {
        _expected.Dispose();
        Folder.Dispose();
    }

    private int MaskedId(int text, int position) =>
        position >= 0 && position < Length && Mask[(text * Length) + position] == 0 ? Ids[(text * Length) + position] : -1;

    private IEnumerable<int> ShapeOf(string name)
    {
        Assert.True(_expected.TryGetTensor(name, out var info));
        return info.Shape.Select(size => (int)size);
    }

    private int[] Integers(string name)
    {
        Assert.True(_expected.TryGetTensor(name, out var info));
        var values = new long[info.Shape.Aggregate(1L, (product, size) => product * size)];
        _expected.ReadInt64s(name, values);
        return [.. values.Select(value => checked((int)value))];
    }
}
