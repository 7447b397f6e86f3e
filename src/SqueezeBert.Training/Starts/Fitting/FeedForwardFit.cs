using SqueezeBert.Training.Starts.LeastSquares;

namespace SqueezeBert.Training.Starts.Fitting;

/// <summary>Fits a feed-forward network in groups, none of which sees the channels of another.</summary>
internal sealed class FeedForwardFit
{
    private readonly FitContext _context;
    private readonly int _layer;
    private readonly LayerNames _names;
    private readonly DenseProjection _up;
    private readonly DenseProjection _down;
    private readonly int _groups;
    private readonly int _part;
    private readonly int _neurons;

    /// <param name="context">What all fits share.</param>
    /// <param name="layer">The student's layer.</param>
    /// <param name="from">The teacher's names.</param>
    /// <param name="to">The student's names.</param>
    public FeedForwardFit(FitContext context, int layer, LayerNames from, LayerNames to)
    {
        (_context, _layer, _names) = (context, layer, to);
        (_groups, _neurons) = (context.Student.IntermediateGroups, context.Student.IntermediateSize);
        _part = context.Width / _groups;
        _up = DenseProjection.Read(context.Teacher, from.Intermediate, context.Width, _neurons);
        _down = DenseProjection.Read(context.Teacher, from.Output, _neurons, context.Width);
    }

    /// <summary>
    /// The first projection. Every neuron of the teacher, before its activation, is predicted from the channels of each group; it goes to
    /// the group that does so best, equally many to each.
    /// </summary>
    /// <returns>The teacher's neurons of each group.</returns>
    public int[][] FitUp(float[] teacherAttention, float[] rows)
    {
        var width = _context.Width;
        var fits = _context.Fits(_groups, _part, width);
        var spread = ColumnProducts.Within(width, _context.Threads ?? Environment.ProcessorCount);
        _context.RunStudent(_layer, rows, [LayerGraphs.Attention], (row, session) =>
        {
            var attention = session.GetOutput(LayerGraphs.Attention);
            var target = new Columns(teacherAttention.AsSpan(row * width, attention.Length), width);
            for (var group = 0; group < _groups; group++) fits[group].Add(new Columns(attention, width, group * _part), target);
            spread.Add(target);
        });

        var all = FitContext.Range(0, _neurons);
        var coefficients = new double[_groups][];
        var explained = new double[_neurons, _groups];
        for (var group = 0; group < _groups; group++)
        {
            var cross = _up.Through(fits[group].Cross(), all);
            var solution = (double[])cross.Clone();
            var known = _up.Block(FitContext.Range(group * _part, _part), all);
            fits[group].Solve(solution, _context.Ridge, known, _context.CancellationToken);
            coefficients[group] = solution;
            for (var place = 0; place < cross.Length; place++) explained[place % _neurons, group] += cross[place] * solution[place];
        }

        for (var neuron = 0; neuron < _neurons; neuron++)
        {
            var total = _up.SquaresOf(neuron, (i, j) => spread[i, j] - (spread[width, i] * spread[width, j] / spread.RowCount));
            for (var group = 0; group < _groups; group++) explained[neuron, group] /= total;
        }

        var members = NeuronGroups.Assign(explained);
        var projection = new GroupedProjection(_part, _neurons);
        for (var group = 0; group < _groups; group++)
        {
            for (var i = 0; i < members[group].Length; i++)
            {
                var neuron = members[group][i];
                projection.Set((group * members[group].Length) + i, fits[group], coefficients[group], neuron,
                    _up.Output(neuron, fits[group].TargetMean));
            }
        }

        projection.Store(_names.Intermediate, _context.Parameters);
        return members;
    }

    /// <summary>
    /// The second projection: each group's outputs from its own neurons, as they are in the student. The target is what brings the
    /// student's own residual to the teacher's sum.
    /// </summary>
    /// <param name="members">The teacher's neurons of each group.</param>
    /// <param name="teacherSum">The teacher's sum of the layer, before its last norm.</param>
    /// <param name="rows">The student's input of the layer.</param>
    public void FitDown(int[][] members, float[] teacherSum, float[] rows)
    {
        var width = _context.Width;
        var inner = _neurons / _groups;
        var fits = _context.Fits(_groups, inner, _part);
        _context.RunStudent(_layer, rows, [LayerGraphs.Middle, LayerGraphs.Attention], (row, session) =>
        {
            var middle = session.GetOutput(LayerGraphs.Middle);
            var residual = session.GetOutput(LayerGraphs.Attention);
            var target = teacherSum.AsSpan(row * width, residual.Length);
            for (var group = 0; group < _groups; group++)
            {
                fits[group].Add(
                    new Columns(middle, _neurons, group * inner), new Columns(target, width, group * _part, residual));
            }
        });
        _context.Store(fits, _down, group => members[group], _names.Output);
    }
}
