using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace SqueezeBert.Generate.MachineCode;

/// <summary>
/// Calls a routine of the System V calling convention, the second argument, with the first one, for a caller of Windows: saves what that
/// convention lets a routine change and Windows does not.
/// </summary>
internal static class WindowsEntry
{
    private const int XmmBytes = 16;

    private static readonly AssemblerRegisterXMM[] Saved = [xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    internal static Assembler Assemble()
    {
        // Eight bytes more, so that the stack is aligned to 16 at the call.
        var room = (Saved.Length * XmmBytes) + 8;
        Assembler c = new(64);
        c.push(rdi);
        c.push(rsi);
        c.sub(rsp, room);
        for (var i = 0; i < Saved.Length; i++)
            c.vmovups(__xmmword_ptr[rsp + (i * XmmBytes)], Saved[i]);
        c.mov(rdi, rcx);
        c.call(rdx);
        for (var i = 0; i < Saved.Length; i++)
            c.vmovups(Saved[i], __xmmword_ptr[rsp + (i * XmmBytes)]);
        c.add(rsp, room);
        c.pop(rsi);
        c.pop(rdi);
        c.ret();
        return c;
    }
}
