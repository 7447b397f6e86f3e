using SqueezeBert.Extensions.Models;
using SqueezeBert.Records;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Tasks;

/// <summary>`answer`: parts of a document that answer a question.</summary>
internal sealed class AnswerTask : TaskRun<QuestionAnswerer, QuestionAnswerer>
{
    private const string Context = "context";

    private readonly int? _top;
    private readonly string? _context;

    public AnswerTask(ServedModel model, Fields options, SqueezeBertServerOptions limits)
        : this(model, options, new Settings(
            options.Integer("top", 1, 1000), options.Flag("no_answer"), options.Real("threshold"), options.Integer("overlap", 0),
            options.Integer("max_answer_tokens", 1)), limits)
    {
    }

    private AnswerTask(ServedModel model, Fields options, Settings settings, SqueezeBertServerOptions limits)
        : base(
            model, RequestReading.Of(options), limits, settings.Key,
            (inner, host) => new QuestionAnswerer(
                inner, settings.Of(host.QuestionAnswerer) with { Reading = PipelineTypes.Merge(host.QuestionAnswerer, host) }))
    {
        _top = settings.Top;
        try
        {
            _context = options.Has(Context) ? CheckedText(options, Context) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    protected override bool TakesText => _context is not null;

    public override TaskItem Parse(Fields fields) => new(
        CheckedText(fields, "question"), _context is not null && !fields.Has(Context) ? _context : CheckedText(fields, Context));

    public override async Task<TaskAnswer> AskAsync(TaskItem item, CancellationToken cancellationToken)
    {
        var answer = await Pipeline.AnswerAsync(item.Text, item.Pair!, Reading, cancellationToken).ConfigureAwait(false);
        return Answer(answer.Read, AnswerRecords.Of(answer, _top));
    }

    protected override TaskItem OfText(string text) => new(text, _context);

    private sealed record Settings(int? Top, bool? NoAnswer, float? Threshold, int? Overlap, int? Tokens)
    {
        /// <summary>Null where the host's options are meant; as many answers as there are by default need none of their own.</summary>
        public string? Key => this with { Top = null } == new Settings(null, null, null, null, null) && !(Top > DefaultCandidates) ? null
            : VariantKey.Of(Top, NoAnswer, Threshold, Overlap, Tokens);

        private static int DefaultCandidates { get; } = new QuestionAnswererOptions().Candidates;

        public QuestionAnswererOptions Of(QuestionAnswererOptions host) => host with
        {
            AllowNoAnswer = NoAnswer ?? host.AllowNoAnswer,
            NoAnswerThreshold = Threshold ?? host.NoAnswerThreshold,
            Overlap = Overlap ?? host.Overlap,
            MaxAnswerTokens = Tokens ?? host.MaxAnswerTokens,
            Candidates = Math.Max(Top ?? 0, host.Candidates),
        };
    }
}

/// <summary>`choose`: the text that goes best with a prompt.</summary>
internal sealed class ChooseTask : TaskRun<ChoiceSelector, ChoiceSelector>
{
    private const string Choices = "choices";

    private readonly IReadOnlyList<string>? _choices;

    public ChooseTask(ServedModel model, Fields options, SqueezeBertServerOptions limits)
        : base(model, RequestReading.Of(options), limits)
    {
        try
        {
            _choices = options.Has(Choices) ? Read(options) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    protected override bool TakesText => _choices is not null;

    public override TaskItem Parse(Fields fields) => new(
        CheckedText(fields, "prompt"), Choices: _choices is not null && !fields.Has(Choices) ? _choices : Read(fields));

    public override long Cost(TaskItem item) => item.Choices!.Sum(choice => CostOf(item.Text.Length + choice.Length));

    public override async Task<TaskAnswer> AskAsync(TaskItem item, CancellationToken cancellationToken)
    {
        var answer = await Pipeline.ChooseAsync(item.Text, item.Choices!, Reading, cancellationToken).ConfigureAwait(false);
        return Answer(answer.Read, AnswerRecords.Of(answer, HasWindows));
    }

    protected override TaskItem OfText(string text) => new(text, Choices: _choices);

    private IReadOnlyList<string> Read(Fields fields)
    {
        var choices = fields.Texts(Choices, Limits.MaxLabels) ??
            throw Fields.Wrong(fields.Path(Choices), $"{fields.Path(Choices)} is missing");
        if (choices.Count == 0) throw new RequestException(Fault.Empty, $"`{fields.Path(Choices)}` cannot be empty");
        for (var i = 0; i < choices.Count; i++) Checked(choices[i], $"{fields.Path(Choices)}[{i}]");
        return choices;
    }
}
