using SqueezeBert.Extensions;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Calls;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;

namespace SqueezeBert.Server.Compatible;

/// <summary>
/// A request of a compatible route that is understood. It holds its model, and nothing is computed for it yet, so several of them can be
/// admitted or refused together.
/// </summary>
internal sealed class ModelRequest : IDisposable
{
    private readonly IDisposable _lease;
    private readonly ModelWork _work;

    private ModelRequest(ServedModel model, IDisposable lease, AnswerSource source, ModelWork work) =>
        (Model, _lease, Source, _work) = (model, lease, source, work);

    public ServedModel Model { get; }

    /// <summary>What its answer depends on besides the request.</summary>
    public AnswerSource Source { get; }

    /// <param name="model">The model.</param>
    /// <param name="understand">Says what there is to do, with the pipeline that is held until the request is disposed.</param>
    /// <exception cref="RequestException">The model is of another kind or not loaded, or the request is wrong.</exception>
    public static ModelRequest Of<TPipeline>(ServedModel model, Func<PipelineLease<TPipeline>, ModelWork> understand)
        where TPipeline : TextPipeline
    {
        var lease = model.Rent<TPipeline>();
        try
        {
            return new ModelRequest(model, lease, new AnswerSource(lease.Fingerprint, lease.Options), understand(lease));
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>A route that answers one such request.</summary>
    /// <param name="understand">Reads the fields of a body.</param>
    public static Func<Call, Task> Route(Func<Call, Fields, ModelRequest> understand) => async call =>
    {
        call.Services.CheckRunning();
        using var request = understand(call, await call.ReadAsync().ConfigureAwait(false));
        AnswerTag.Set(call.Context, [request.Source], call.Body.Bytes.Span);
        request.Admit(call);
        var write = await request.ComputeAsync(call).ConfigureAwait(false);
        call.Usage.Write(call.Context.Response.Headers, call.Elapsed);
        await JsonAnswer.WriteAsync(call.Context, write).ConfigureAwait(false);
    };

    /// <summary>Counts it among the requests that are computed, until the call ends.</summary>
    /// <exception cref="RequestException">There are too many.</exception>
    public void Admit(Call call) => call.Admit(Model, _work.Cost, _work.IsBatch);

    /// <summary>Computes the answer of an admitted request.</summary>
    public Task<AnswerWriter> ComputeAsync(Call call) => _work.ComputeAsync(call);

    public void Dispose()
    {
        _work.Variant?.Dispose();
        _lease.Dispose();
    }
}

/// <summary>What there is to do for a request.</summary>
/// <param name="Cost">Its estimated tokens.</param>
/// <param name="IsBatch">Whether there are several items.</param>
/// <param name="ComputeAsync">Computes the answer of the admitted call.</param>
/// <param name="Variant">A pipeline with options of the request's own, or null.</param>
internal sealed record ModelWork(long Cost, bool IsBatch, Func<Call, Task<AnswerWriter>> ComputeAsync, IDisposable? Variant = null);
