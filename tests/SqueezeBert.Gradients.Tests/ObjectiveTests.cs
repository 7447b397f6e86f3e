using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Gradients.Objectives;
using SqueezeBert.Gradients.Plans;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Heads;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Inference;
using SqueezeBert.Threading;

namespace SqueezeBert.Gradients.Tests;

/// <summary>Losses on outputs: they add up, and what they do not read has no gradient.</summary>
public sealed class ObjectiveTests : IDisposable
{
    private readonly WorkerPool _pool = new(1);
    private readonly ParameterStore _parameters;
    private readonly Graph _graph;
    private readonly PackedBatch _batch = new();
    private readonly LabelBatch _labels = new();

    public ObjectiveTests()
    {
        var g = new GraphBuilder();
        var x = g.Linear(g.Embed(g.Table("words", EmbeddingIndex.TokenId, 9, 6)), "first", 5);
        g.Output("middle", x);
        g.Output("same", x);
        g.Output("logits", g.Linear(g.Activate(x, Checkpoints.Activation.Tanh), "second", 5));
        _graph = g.Build(ModelHead.None);
        _parameters = new ParameterStore(_graph.Parameters);
        var initial = new InitialParameters(3, 0.5);
        foreach (var parameter in _graph.Parameters) initial.Read(parameter, _parameters.ValueSpan(parameter));
        _batch.Add([1, 2, 3]);
        _batch.Add([4]);
        foreach (var label in (int[])[0, 2, 4, 1]) _labels.AddClass(label);
    }

    public void Dispose()
    {
        _parameters.Dispose();
        _pool.Dispose();
    }

    [Fact]
    public void TermsAddUp()
    {
        using var session = Session("middle", "same", "logits");
        Assert.Same(session.Output("middle"), session.Output("same"));
        LossTerm[] terms = [Term("middle", 0.5), Term("logits", 2), Term("same", 3)];
        var alone = terms.Select(term => Gradients(session, term)).ToList();
        var together = Gradients(session, terms);
        for (var i = 0; i < together.Length; i++) Assert.Equal(alone.Sum(gradients => gradients[i]), together[i], 1e-6f);
        Assert.Contains(together, gradient => Math.Abs(gradient) > 0.01);
    }

    [Fact]
    public void TheValueIsTheWeightedSumOfTheMeans()
    {
        using var session = Session("middle", "logits");
        var objective = new Objective(session, Term("middle", 0.5), Term("logits", 2), Term("logits", 0));
        Run(objective);
        Assert.Equal((0.5 * objective.Sum(0).Mean) + (2 * objective.Sum(1).Mean), objective.Value);
        Assert.Equal(default, objective.Sum(2));
        Assert.Equal(4, objective.Sum(1).Weight);
    }

    [Fact]
    public void ATermOfWeightZeroHasNoGradient()
    {
        using var session = Session("middle", "logits");
        Assert.All(Gradients(session, Term("logits", 0)), gradient => Assert.Equal(0, gradient));
    }

    [Fact]
    public void AnOutputThatMayBeOverwrittenGivesTheSameGradient()
    {
        using var separate = Session("logits");
        using var overwritten = new GradientSession(_graph, [new OutputRequest("logits", IsOverwritten: true)], _parameters, _pool);
        Assert.Equal(Gradients(separate, Term("logits", 1)), Gradients(overwritten, Term("logits", 1)));
        Assert.Throws<InvalidOperationException>(() => Gradients(overwritten, Term("logits", 1), Term("logits", 1)));
    }

    /// <summary>Others read the value, so a loss must leave it alone.</summary>
    [Fact]
    public void AnOutputThatIsReadIsNotOverwritten()
    {
        using var session = new GradientSession(
            _graph, [new OutputRequest("middle", IsOverwritten: true), new OutputRequest("logits")], _parameters, _pool);
        using var expected = Session("middle", "logits");
        Assert.Equal(Gradients(expected, Term("middle", 1), Term("logits", 1)), Gradients(session, Term("middle", 1), Term("logits", 1)));
    }

    [Fact]
    public void OutputsThatTheSessionDoesNotComputeAreErrors()
    {
        using var session = Session("logits");
        Assert.Contains("'middle'", Assert.Throws<ArgumentException>(() => session.Output("middle")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => session.Output("logits").AddGradient(new float[3]));
    }

    [Fact]
    public void NothingIsComputedBelowWhatIsTrained()
    {
        using var frozen = new ParameterStore(
            _graph.Parameters, parameter => !parameter.Name.StartsWith("second", StringComparison.Ordinal));
        Assert.Equal(["second.weight", "second.bias"], frozen.Trainable.Select(parameter => parameter.Name));
        Assert.Equal(48, frozen.Length);
        using var session = new GradientSession(_graph, [new OutputRequest("logits"), new OutputRequest("middle")], frozen, _pool);
        Assert.True(session.Output("logits").HasParameters);
        Assert.False(session.Output("middle").HasParameters);
        Assert.True(frozen.GradientSpan(_graph.Parameters[0]).IsEmpty);
        Run(new Objective(session, Term("middle", 1), Term("logits", 1)));
    }

    private static LossTerm Term(string output, double weight) => new(output, new SoftmaxCrossEntropy(), weight);

    private GradientSession Session(params string[] outputs) =>
        new(_graph, [.. outputs.Select(output => new OutputRequest(output))], _parameters, _pool);

    private float[] Gradients(GradientSession session, params LossTerm[] terms)
    {
        Run(new Objective(session, terms));
        return [.. _parameters.Parameters.SelectMany(parameter => _parameters.GradientSpan(parameter).ToArray())];
    }

    private void Run(Objective objective)
    {
        objective.Session.PackWeights();
        objective.Session.ClearGradients();
        objective.Begin();
        objective.Count(_batch, _labels);
        objective.Session.Forward(_batch, null);
        objective.AddGradients(_labels);
        objective.Session.Backward();
    }
}
