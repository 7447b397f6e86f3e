using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Inference;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Tests.Pipelines;

/// <summary>A model without a pipeline: one encoding in, the values of an output out.</summary>
internal sealed class PlainModel : IDisposable
{
    private readonly Engine _model;

    public PlainModel(string path, ModelHead? head = null)
    {
        using var folder = ModelFolder.Open(path);
        _model = ModelLoader.Load(folder, head, null, RowSet.Tokens);
        Tokenizer = BertTokenizer.Load(path);
    }

    public BertTokenizer Tokenizer { get; }

    public ModelConfiguration Configuration => _model.Configuration;

    public float[] Run(TextEncoding encoding, string output = OutputNames.Logits)
    {
        var batch = new PackedBatch();
        batch.Add(encoding.Ids, encoding.TypeIds);
        using var session = _model.CreateSession(output);
        session.Run(batch);
        return session.GetOutput(output).ToArray();
    }

    /// <summary>exp(x) / sum of them, in float64.</summary>
    public static double[] Softmax(IEnumerable<double> values)
    {
        var exponents = values.Select(Math.Exp).ToArray();
        return [.. exponents.Select(value => value / exponents.Sum())];
    }

    public void Dispose() => _model.Dispose();
}
