	.section .rodata
	.global accessgen_player_code
	.global accessgen_player_code_end
	.balign 16
accessgen_player_code:
	.incbin "build/player.bin"
accessgen_player_code_end:
	.section .note.GNU-stack, "", %progbits
