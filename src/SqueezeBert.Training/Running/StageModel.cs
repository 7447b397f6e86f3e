using SqueezeBert.Checkpoints;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Threading;

namespace SqueezeBert.Training.Running;

/// <summary>The model of a stage: its graph, its parameters and their training.</summary>
internal sealed class StageModel : IDisposable
{
    public StageModel(ModelConfiguration configuration, ModelHead head, WorkerPool pool)
    {
        Configuration = configuration;
        var graph = ModelGraph.Create(configuration, head);
        Parameters =
            new ParameterStore(
                [.. graph.NodesFor([OutputNames.Logits]).SelectMany(node => node.Expressions).SelectMany(expression => expression.Leaves)
                    .Distinct()]);
        Training = new GradientSession(graph, [new OutputRequest(OutputNames.Logits, IsOverwritten: true)], Parameters, pool);
        Logits = Training.Output(OutputNames.Logits);
    }

    public ModelConfiguration Configuration { get; }

    public ParameterStore Parameters { get; }

    public GradientSession Training { get; }

    /// <summary>What the loss of the stage is about.</summary>
    public GradientOutput Logits { get; }

    /// <summary>First values; the seed alone decides them.</summary>
    public void Initialize(ulong seed)
    {
        var initial = new InitialParameters(seed, Configuration.InitializerRange);
        foreach (var parameter in Parameters.Parameters) initial.Read(parameter, Parameters.ValueSpan(parameter));
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

    public Dictionary<string, float[]> Values() =>
        Parameters.Parameters.ToDictionary(parameter => parameter.Name, parameter => Parameters.ValueSpan(parameter).ToArray());

    public void Dispose()
    {
        Training.Dispose();
        Parameters.Dispose();
    }
}
