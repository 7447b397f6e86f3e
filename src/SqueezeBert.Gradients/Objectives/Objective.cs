using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Sessions;
using SqueezeBert.Inference;

namespace SqueezeBert.Gradients.Objectives;

/// <summary>
/// The objective of a training step: the sum of several losses, each of which is a weighted mean over all batches of the step. For each
/// step, call <see cref="Begin"/>, <see cref="Count"/> for each of its batches, and then <see cref="AddGradients"/> for each batch between
/// the two passes of the session.
/// </summary>
internal sealed class Objective
{
    private readonly LossTerm[] _terms;
    private readonly GradientOutput[] _outputs;
    private readonly double[] _normalisers;
    private readonly LossSum[] _sums;

    /// <exception cref="ArgumentException">The session was not created for the output of a term.</exception>
    public Objective(GradientSession session, params IReadOnlyList<LossTerm> terms)
    {
        Session = session;
        _terms = [.. terms];
        _outputs = [.. terms.Select(term => session.Output(term.Output))];
        _normalisers = new double[_terms.Length];
        _sums = new LossSum[_terms.Length];
    }

    public GradientSession Session { get; }

    /// <summary>Σ weight · mean of the losses so far.</summary>
    public double Value
    {
        get
        {
            double value = 0;
            for (var i = 0; i < _terms.Length; i++) value += _terms[i].Weight * _sums[i].Mean;
            return value;
        }
    }

    /// <summary>Returns the sum of a term in this step, without its weight.</summary>
    public LossSum Sum(int term) => _sums[term];

    /// <summary>Begins a step.</summary>
    public void Begin()
    {
        Array.Clear(_normalisers);
        Array.Clear(_sums);
    }

    /// <summary>Counts a batch of the step, so that all batches share their normalisers.</summary>
    public void Count(PackedBatch batch, LabelBatch? labels)
    {
        for (var i = 0; i < _terms.Length; i++)
        {
            if (!_terms[i].Reads(labels)) continue;
            var target = new LossTarget(_terms[i].LabelsOf(labels));
            _normalisers[i] += _terms[i].Loss.Weight(target, _outputs[i].RowCount(batch), _outputs[i].Width);
        }
    }

    /// <summary>
    /// Computes the losses of the batch that the session has processed, runs a teacher if there is one, and adds up the gradients of the
    /// outputs.
    /// </summary>
    public void AddGradients(LabelBatch? labels)
    {
        for (var i = 0; i < _terms.Length; i++)
        {
            var term = _terms[i];
            if (term.Weight == 0 || _normalisers[i] == 0 || !term.Reads(labels)) continue;
            var target = new LossTarget(term.LabelsOf(labels), term.Teacher?.Rows ?? default);
            _sums[i] += term.Loss.Compute(_outputs[i].ForGradient(_normalisers[i] / term.Weight), target, Session.Pool);
        }
    }
}
