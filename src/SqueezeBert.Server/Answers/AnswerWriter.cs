using System.Text.Json;

namespace SqueezeBert.Server.Answers;

/// <summary>Writes an answer, and calls back where all that is there may go to the client.</summary>
internal delegate Task AnswerWriter(Utf8JsonWriter writer, Func<ValueTask> flushAsync);
