using SqueezeBert.Checkpoints;
using SqueezeBert.Evaluation;
using SqueezeBert.Models;
using SqueezeBert.Threading;
using SqueezeBert.Training.Engine;

namespace SqueezeBert.Training.Running;

/// <summary>The model of a stage: its graph, its parameters and their training.</summary>
internal sealed class StageModel : IDisposable
{
    public StageModel(ModelConfiguration configuration, ModelHead head, WorkerPool pool)
    {
        Configuration = configuration;
        var graph = ModelGraph.Create(configuration, head);
        Parameters = new ParameterStore([.. graph.NodesFor([OutputNames.Logits]).SelectMany(node => node.Expressions).SelectMany(expression => expression.Leaves).Distinct()]);
        Training = new TrainingGraph(graph, OutputNames.Logits, Parameters, pool);
    }

    public ModelConfiguration Configuration { get; }

    public ParameterStore Parameters { get; }

    public TrainingGraph Training { get; }

    /// <summary>
    /// First values: biases zero, norms one, weights of mean zero and the configuration's deviation (a sum of four uniform numbers, so at most 3.5 deviations away,
    /// and the same bits on every platform).
    /// </summary>
    public void Initialize(ulong seed)
    {
        foreach (var parameter in Parameters.Parameters)
        {
            var values = Parameters.ValueSpan(parameter);
            switch (parameter.Kind)
            {
                case ParameterKind.NormWeight:
                    values.Fill(1);
                    break;
                case ParameterKind.Bias or ParameterKind.NormBias:
                    values.Clear();
                    break;
                default:
                    FillRandom(values, DropoutKey.Mix(seed ^ HashSplit.Hash(parameter.Name)), Configuration.InitializerRange);
                    if (parameter.PaddingRow >= 0) values.Slice(parameter.PaddingRow * parameter.Columns, parameter.Columns).Clear();
                    break;
            }
        }
    }

    /// <summary>Takes over the parameters that have the same name and shape; returns how many.</summary>
    public int Load(IReadOnlyDictionary<string, float[]> values)
    {
        var loaded = 0;
        foreach (var parameter in Parameters.Parameters)
        {
            if (!values.TryGetValue(parameter.Name, out var source) || source.Length != parameter.Length) continue;
            source.CopyTo(Parameters.ValueSpan(parameter));
            loaded++;
        }

        return loaded;
    }

    public Dictionary<string, float[]> Values() => Parameters.Parameters.ToDictionary(parameter => parameter.Name, parameter => Parameters.ValueSpan(parameter).ToArray());

    public void Dispose()
    {
        Training.Dispose();
        Parameters.Dispose();
    }

    private static void FillRandom(Span<float> values, ulong key, double deviation)
    {
        // The sum of four uniform numbers of 16 bits has the variance 4/12.
        var scale = deviation * Math.Sqrt(3) / 65536;
        for (var i = 0; i < values.Length; i++)
        {
            var bits = DropoutKey.Mix(key + (ulong)i);
            var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
            values[i] = (float)((sum - (2 * 65535)) * scale);
        }
    }
}
